import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf, emitAll, ref, tagged } from './helpers/foreign.js';

/** Names that code cannot have as they are, or has already. */
const NAMES = [
  ...['default', 'class', 'enum', 'void', 'await', 'null', 'any', 'string', 'number', 'object', 'undefined', 'keyof'],
  ...['Record', 'Problem', 'Validator', 'AServerHandlers', 'Context', 'Result', 'Types', 'Frames', 'Handshake', '2fa'],
  ...['constructor', 'toString', 'valueOf', 'my-name', 'a.b', 'text', 'list', 'checkA', 'HandshakeHeaders', 'handleX'],
];
const entries = (pairs) =>
  JSON.parse(`{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`);
const named = (names) => entries(names.map((name) => [name, tagged(`is ${name}`)]));
const messagesOf = (names) => entries(names.map((name) => [name, { payload: ref(name) }]));
const toMessage = (channel, id) => ({ $ref: `#/channels/${channel}/messages/${id}` });
const toChannel = (id) => ({ $ref: `#/channels/${id}` });

const documents = {
  names: documentOf({
    schemas: named(NAMES),
    channel: { messages: messagesOf(['A', ...NAMES]) },
    channels: { '1m': { address: '/{2nd}/{class}', messages: { default: { payload: ref('default') } } } },
    operations: {
      class: { action: 'receive', channel: toChannel('a') },
      constructor: { action: 'send', channel: toChannel('1m') },
      2: { action: 'receive', channel: toChannel('1m') },
    },
  }),
  reply: documentOf({
    schemas: { Ask: tagged('ask'), Tell: tagged('tell'), Shout: tagged('shout'), Hear: tagged('hear') },
    channel: {
      messages: {
        ask: { payload: ref('Ask') },
        tell: { payload: ref('Tell') },
        shout: { payload: ref('Shout') },
      },
    },
    channels: { b: { address: '/b', messages: { hear: { payload: ref('Hear') } } } },
    operations: {
      ask: {
        action: 'receive',
        channel: toChannel('a'),
        messages: [toMessage('a', 'ask')],
        reply: { channel: toChannel('a'), messages: [toMessage('a', 'tell')] },
      },
      shout: {
        action: 'send',
        channel: toChannel('a'),
        messages: [toMessage('a', 'shout')],
        reply: { channel: toChannel('b') },
      },
    },
  }),
  traits: documentOf({
    message: { traits: [{ contentType: 'text/plain', summary: 'Once.' }, { $ref: '#/components/messageTraits/json' }] },
    operations: {
      get: { action: 'receive', channel: toChannel('a'), traits: [{ $ref: '#/components/operationTraits/told' }] },
    },
    components: {
      schemas: { A: tagged('x') },
      messageTraits: { json: { contentType: 'application/cloudevents+json; charset=utf-8' } },
      operationTraits: { told: { summary: 'As a trait says.' } },
    },
  }),
  empty: documentOf({ operations: { get: { action: 'receive', channel: toChannel('a'), messages: [] } } }),
  formats: documentOf({
    message: { payload: { schemaFormat: 'application/schema+json;version=draft-07', schema: ref('A') } },
    schemas: { A: { schemaFormat: 'application/vnd.aai.asyncapi;version=3.0.0', schema: tagged('x') } },
  }),
  numbers: documentOf({
    schemas: {
      A: tagged('x', {
        n: { type: ['number', 'integer'], minimum: 1 },
        m: { type: ['integer', 'string', 'number'] },
        both: { enum: [1, 2], const: 2 },
      }),
    },
  }),
  query: documentOf({
    channel: {
      bindings: {
        ws: {
          query: {
            allOf: [ref('Paging')],
            properties: {
              n: { type: ['integer', 'null'] },
              either: { type: ['string', 'integer'] },
              kind: { anyOf: [{ const: 1 }, { const: true }, { enum: ['x'] }] },
              ids: { type: 'array', items: { $ref: '#/components/schemas/Id' } },
              one: { type: ['array', 'integer'], items: { type: 'integer' } },
            },
            additionalProperties: { type: 'integer' },
          },
          headers: {
            type: 'object',
            properties: { 'X-N': { type: ['integer', 'null'] }, constructor: { type: 'integer' } },
          },
        },
      },
    },
    schemas: {
      A: tagged('x'),
      Id: { oneOf: [{ type: 'integer' }, { type: 'null' }] },
      Paging: { type: 'object', properties: { after: { type: 'number' } } },
    },
  }),
  paths: documentOf({
    channel: { address: '/rooms/{id}' },
    channels: {
      b: { address: '/rooms/new', messages: { n: { payload: ref('A') } } },
      c: { address: 'räume/{__proto__}', messages: { n: { payload: ref('A') } } },
    },
    operations: {
      get: { action: 'receive', channel: toChannel('a') },
      make: { action: 'receive', channel: toChannel('b') },
      go: { action: 'receive', channel: toChannel('c') },
    },
  }),
  tags: documentOf({
    schemas: {
      A: { oneOf: [ref('C'), ref('D'), ref('E')] },
      C: tagged('__proto__'),
      D: tagged('constructor'),
      E: tagged("it's"),
      // Tags in a property that every object inherits.
      F: { oneOf: [ref('G'), ref('H')], 'x-extensible': true },
      G: { type: 'object', required: ['constructor'], properties: entries([['constructor', { const: 'g' }]]) },
      H: { type: 'object', required: ['constructor'], properties: entries([['constructor', { const: 'h' }]]) },
    },
    channel: { messages: { m: { payload: ref('A') }, f: { payload: ref('F') } } },
  }),
  untyped: documentOf({ schemas: { A: { required: ['t'], properties: { t: { const: 'x' } } } } }),
  wide: documentOf({
    schemas: {
      A: tagged('x', { any: { type: 'object' }, b: ref('B'), c: ref('C'), d: ref('D'), e: ref('E'), f: ref('F') }),
      B: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'string' } },
        additionalProperties: { type: 'integer' },
      },
      C: { type: 'object', required: ['id'] },
      D: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
      E: { type: 'array', prefixItems: [{ type: 'string' }, { type: ['number', 'null'] }], minItems: 1, items: false },
      F: {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { required: ['b'] }],
      },
    },
  }),
  recursive: documentOf({
    schemas: {
      A: tagged('x', { tree: ref('Tree'), map: ref('Map'), always: true, never: false, pair: ref('Pair') }),
      Tree: { type: 'array', items: ref('Tree') },
      Map: { type: 'object', additionalProperties: ref('Map') },
      Pair: { type: 'array', prefixItems: [ref('Pair')], items: false },
    },
  }),
};

const USE = `
import type { Default, Record_, _2fa, Constructor, MyName } from './names/types.js';
import { handleAClientFrame, type AServerHandlers, type _1mClientHandlers } from './names/handlers.js';
import { build_1mUrl, parse_1mHandshake } from './names/handshake.js';
import type { AServerFrame, AClientFrame, BClientFrame } from './reply/frames.js';
import type { AClientHandlers } from './reply/handlers.js';
import type { AServerHandlers as EmptyHandlers } from './empty/handlers.js';
import type { A as Wide } from './wide/types.js';
import type { AClientFrame as Untyped } from './untyped/frames.js';

export const names: [Default, Record_, _2fa, Constructor, MyName] = [
  { t: 'is default' }, { t: 'is Record' }, { t: 'is 2fa' }, { t: 'is constructor' }, { t: 'is my-name' },
];
export const url: string = build_1mUrl('ws://host', { '2nd': 'a', class: 'b' });
export const second = (target: string): string | undefined => {
  const handshake = parse_1mHandshake(target);
  return handshake?.ok ? handshake.value.path['2nd'] : undefined;
};
export const client: _1mClientHandlers<void, string> = { constructor: { 'is default': (frame) => frame.t } };
export const handle = (handlers: AServerHandlers<void, string>) => handleAClientFrame(handlers, { t: 'is class' }, undefined);
export const tell: AServerFrame['t'][] = ['tell', 'shout'];
export const ask: AClientFrame['t'] = 'ask';
export const hear: BClientFrame['t'] = 'hear';
export const replies: AClientHandlers<void, string> = { askReply: { tell: ({ t }) => t }, shout: { shout: ({ t }) => t } };
export const none: EmptyHandlers<void, void> = {};
export const wide: Wide[] = [
  { t: 'x', any: { y: 1 }, b: { id: 'a', n: 1 }, c: { id: 'a', more: 1 }, d: ['a'], e: ['a', null], f: { b: 'a' } },
  { t: 'x', any: {}, b: { id: 'a' }, c: { id: null }, d: ['a', 1, true], e: ['a'], f: { a: 'a', b: 'b' } },
  { t: 'x', d: [] },
];
// @ts-expect-error the first element is needed
export const short: Wide = { t: 'x', e: [] };
// @ts-expect-error no third element
export const long: Wide = { t: 'x', e: ['a', 1, 2] };
// @ts-expect-error one of the two is needed
export const neither: Wide = { t: 'x', f: {} };
export const untyped = (frame: Untyped): 'x' => frame.t;
// @ts-expect-error no handler of the reply
export const incomplete: AClientHandlers<void, string> = { shout: { shout: ({ t }) => t } };
`;

describe('documents of kinds that nobody here wrote', () => {
  let project;
  let code;
  beforeAll(async () => {
    project = await emitAll(documents);
    code = await project.load();
  });
  afterAll(() => project.remove());

  it('give TypeScript that compiles', () => {
    expect(project.compile(USE)).toEqual([]);
  });

  it('may have any name', () => {
    for (const name of NAMES) {
      const frame = JSON.stringify({ t: `is ${name}` });
      expect(code.names.codec.parseAClientFrame(frame)).toMatchObject({ ok: true });
    }
    expect(code.names.codec.parseAClientFrame('{"t":"is nothing"}').ok).toBe(false);
    expect(code.names.strict.strictDefault({ t: 'is default' }).ok).toBe(true);
    const url = code.names.handshake.build_1mUrl('ws://host', { '2nd': 'a', class: 'b' });
    expect(code.names.handshake.parseHandshake(new URL(url).pathname).value).toMatchObject({
      channel: '1m',
      path: { '2nd': 'a', class: 'b' },
    });
    const handlers = { class: { 'is toString': () => 'found' } };
    expect(code.names.handlers.handleAClientFrame(handlers, { t: 'is toString' })).toBe('found');
  });

  it('have a reply among the frames of who sends it', () => {
    const { parseAServerFrame, parseAClientFrame, parseBClientFrame } = code.reply.codec;
    expect(parseAServerFrame('{"t":"tell"}').ok).toBe(true);
    expect(parseAServerFrame('{"t":"shout"}').ok).toBe(true);
    expect(parseAServerFrame('{"t":"ask"}').ok).toBe(false);
    expect(parseAClientFrame('{"t":"ask"}').ok).toBe(true);
    expect(parseAClientFrame('{"t":"tell"}').ok).toBe(false);
    expect(parseBClientFrame('{"t":"hear"}').ok).toBe(true);
    const handlers = { askReply: { tell: () => 'told' }, shout: { shout: () => 'heard' } };
    expect(code.reply.handlers.handleAServerFrame(handlers, { t: 'tell' })).toBe('told');
  });

  it('may have traits, an operation without messages, and a schema beside its format', () => {
    expect(code.traits.codec.parseAClientFrame('{"t":"x"}').ok).toBe(true);
    expect(code.empty.codec).toEqual({});
    expect(code.formats.codec.parseAClientFrame('{"t":"x"}').ok).toBe(true);
    expect(code.formats.codec.parseAClientFrame('{"t":"y"}').ok).toBe(false);
  });

  it('take an integer for a number, and a type only once', () => {
    const check = (value) => code.numbers.strict.strictA({ t: 'x', ...value }).ok;
    expect([1.5, 1, 0.5, '1'].map((n) => check({ n }))).toEqual([true, true, false, false]);
    expect([1.5, 'a', true].map((m) => check({ m }))).toEqual([true, true, false]);
    expect([1, 2].map((both) => check({ both }))).toEqual([false, true]);
  });

  it('read each value of a query by all the types that it may have', () => {
    const { parseHandshake, buildAUrl } = code.query.handshake;
    const read = (search, headers) => parseHandshake(`/a?${search}`, headers);
    expect(read('n=5').value.query).toEqual({ n: 5 });
    expect(read('n=null').value.query).toEqual({ n: null });
    expect(read('n=x').problems).toMatchObject([{ pointer: '/query/n' }]);
    expect(['5', 'a', '007', ''].map((text) => read(`either=${text}`).value.query.either)).toEqual([5, 'a', '007', '']);
    expect(['1', 'true', 'x'].map((text) => read(`kind=${text}`).value.query.kind)).toEqual([1, true, 'x']);
    expect(read('kind=2').ok).toBe(false);
    expect(read('ids=1').value.query).toEqual({ ids: [1] });
    expect(read('ids=1&ids=null').value.query).toEqual({ ids: [1, null] });
    expect(read('one=1').value.query).toEqual({ one: 1 });
    expect(read('one=1&one=2').value.query).toEqual({ one: [1, 2] });
    expect(read('other=7&after=1').problems).toBeUndefined();
    expect(read('other=x').problems).toMatchObject([{ pointer: '/query/other' }]);
    expect(Object.entries(read('__proto__=3').value.query)).toEqual([['__proto__', 3]]);
    expect(read('n=1', { 'x-n': '7', constructor: '8' }).value.headers).toEqual({ 'x-n': 7, constructor: 8 });
    const query = { n: null, either: 'b', ids: [1, 2] };
    const { pathname, search } = new URL(buildAUrl('ws://host', query));
    expect(parseHandshake(pathname + search).value.query).toEqual(query);
  });

  it('have channels that are told apart by the path that says more', () => {
    const channelOf = (target) => code.paths.handshake.parseHandshake(target)?.value.channel;
    expect(['/rooms/new', '/rooms/7', '/rooms'].map(channelOf)).toEqual(['b', 'a', undefined]);
    const path = entries([['__proto__', 'x y']]);
    const { pathname } = new URL(code.paths.handshake.buildCUrl('ws://host', path));
    expect(code.paths.handshake.parseHandshake(pathname).value).toMatchObject({ channel: 'c' });
    expect(Object.entries(code.paths.handshake.parseHandshake(pathname).value.path)).toEqual([['__proto__', 'x y']]);
  });

  it('may have tags, and properties of tags, that every object has', () => {
    const { strictA, strictF } = code.tags.strict;
    const { tolerantF } = code.tags.tolerant;
    expect(['__proto__', 'constructor', "it's", 'toString'].map((t) => strictA({ t }).ok)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(strictF({ constructor: 'g' }).ok).toBe(true);
    expect(strictF({}).problems).toMatchObject([{ pointer: '/constructor', keyword: 'required' }]);
    expect([{ constructor: 'new' }, { constructor: 1 }, {}].map((value) => tolerantF(value).ok)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('may leave out the type of a payload', () => {
    const { parseAClientFrame } = code.untyped.codec;
    expect(['{"t":"x"}', '{"t":"y"}', '5'].map((text) => parseAClientFrame(text).ok)).toEqual([true, false, false]);
    expect(code.untyped.strict.strictA(5).ok).toBe(true);
  });

  it('may refer to themselves through items and properties', () => {
    const check = (value) => code.recursive.strict.strictA({ t: 'x', ...value }).ok;
    expect(check({ tree: [[], [[]]], map: { a: { b: {} } }, always: 1, pair: [[[]]] })).toBe(true);
    expect([{ tree: [1] }, { map: { a: 1 } }, { never: 1 }, { pair: [[], 1] }].map(check)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
