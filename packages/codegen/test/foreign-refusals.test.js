import { expect, it } from 'vitest';
import { documentOf, emit, ref, tagged } from './helpers/foreign.js';

const withA = (A) => documentOf({ schemas: { A } });
const withQuery = (properties) =>
  documentOf({ channel: { bindings: { ws: { query: { type: 'object', properties } } } } });
const other = (address) => ({ b: { address, messages: { n: { payload: ref('A') } } } });
const bothChannels = {
  get: { action: 'receive', channel: { $ref: '#/channels/a' } },
  got: { action: 'receive', channel: { $ref: '#/channels/b' } },
};
const askAndTell = { ask: { payload: ref('A') }, tell: { payload: ref('B') } };
const ask = (reply) => ({
  ask: {
    action: 'receive',
    channel: { $ref: '#/channels/a' },
    messages: [{ $ref: '#/channels/a/messages/ask' }],
    reply,
  },
});

it.each([
  // What a message carries.
  ['a message without payload', documentOf({ message: { payload: undefined } }), 'channels/a/messages/m'],
  ['a payload without a name', documentOf({ message: { payload: tagged('x') } }), 'channels/a/messages/m/payload'],
  [
    'a payload in another schema language',
    documentOf({
      message: { payload: { schemaFormat: 'application/vnd.google.protobuf;version=3', schema: 'message A {}' } },
    }),
    'The schema format application/vnd.google.protobuf;version=3 of channels/a/messages/m/payload is not supported; expected JSON Schema',
  ],
  [
    'a named schema in another schema language',
    withA({
      schemaFormat: 'application/vnd.apache.avro;version=1.9.0',
      schema: { type: 'record', name: 'A', fields: [] },
    }),
    'avro;version=1.9.0 of components/schemas/A is not supported',
  ],
  [
    'text',
    documentOf({ message: { contentType: 'text/plain' } }),
    'The content type text/plain of channels/a/messages/m',
  ],
  [
    'binary content that a trait says',
    documentOf({ message: { traits: [{ contentType: 'application/octet-stream' }] } }),
    'application/octet-stream of channels/a/messages/m',
  ],
  ['XML by default', documentOf({ defaultContentType: 'application/xml' }), 'application/xml of channels/a/messages/m'],
  [
    'a keyword that is not known in the headers of a message',
    documentOf({ message: { headers: { type: 'object', properties: { h: { type: 'string', nullable: true } } } } }),
    'The keyword nullable of channels/a/messages/m/headers/properties/h',
  ],
  // Who sends it.
  [
    'a message that no operation has',
    documentOf({ operations: {} }),
    'No operation says who sends channels/a/messages/m',
  ],
  [
    'one of two messages that no operation has',
    documentOf({ channel: { messages: askAndTell }, schemas: { B: tagged('y') }, operations: ask(undefined) }),
    'No operation says who sends channels/a/messages/tell',
  ],
  [
    'a reply that says nothing',
    documentOf({ channel: { messages: { ask: { payload: ref('A') } } }, operations: ask({}) }),
    'operations/ask/reply says nothing; expected its messages',
  ],
  [
    'an operation with a message of another channel',
    documentOf({
      channels: other('/b'),
      operations: { ...bothChannels, get: { ...bothChannels.get, messages: [{ $ref: '#/channels/b/messages/n' }] } },
    }),
    'operations/get/messages/0: expected a reference to one of #/channels/a/messages',
  ],
  // Where.
  [
    'two channels with one address',
    documentOf({ channels: other('/a'), operations: bothChannels }),
    'channels/a and channels/b',
  ],
  [
    'two channels whose addresses differ by the name of a parameter',
    documentOf({ channel: { address: '/{x}' }, channels: other('{y}'), operations: bothChannels }),
    'have one address',
  ],
  ['a query in an address', documentOf({ channel: { address: '/a?b={c}' } }), 'channels/a/address: expected a path'],
  ['a host in an address', documentOf({ channel: { address: 'wss://b/a' } }), 'the host belongs in servers'],
  ['no address', documentOf({ channel: { address: null } }), 'channels/a has no address'],
  ['a parameter twice', documentOf({ channel: { address: '/{x}/{x}' } }), 'got {x} again'],
  [
    'a parameter that the address does not have',
    documentOf({ channel: { parameters: { x: {} } } }),
    'channels/a/parameters/x: the address /a has no {x}',
  ],
  ['an object in a query', withQuery({ o: { type: 'object' } }), 'channels/a/bindings/ws/query/properties/o: expected'],
  [
    'a keyword that is not known in a query',
    withQuery({ n: { type: 'integer', nullable: true } }),
    'The keyword nullable of channels/a/bindings/ws/query/properties/n',
  ],
  [
    'a keyword of headers whose names would stay as they are',
    documentOf({ channel: { bindings: { ws: { headers: { type: 'object', anyOf: [] } } } } }),
    'The keyword anyOf of channels/a/bindings/ws/headers',
  ],
  // Schemas.
  ['a schema that is itself', withA(ref('A')), 'A refers to itself'],
  ['schemas that are each other', documentOf({ schemas: { A: ref('B'), B: ref('A') } }), 'refers to itself'],
  ['a schema that is a part of itself', withA({ allOf: [ref('A'), tagged('x')] }), 'A refers to itself (A → A)'],
  [
    'schemas that are variants of each other',
    documentOf({ schemas: { A: { anyOf: [{ type: 'string' }, ref('B')] }, B: { not: ref('A') } } }),
    'A refers to itself (A → B → A)',
  ],
  ['a list of no types', withA(tagged('x', { n: { type: [] } })), 'The list of types of A/properties/n is empty'],
  ['a type that is none', withA(tagged('x', { n: { type: 'file' } })), 'A/properties/n: There is no type "file".'],
  ['a pattern that is none', withA(tagged('x', { n: { pattern: '(' } })), 'The pattern of A/properties/n is none'],
  [
    'a keyword that is not known, deep inside',
    withA(tagged('x', { a: { type: 'array', items: { oneOf: [{ type: 'string', nullable: true }] } } })),
    'The keyword nullable of A/properties/a/items/oneOf/0 is not supported',
  ],
  [
    'a list of schemas as items',
    withA(tagged('x', { a: { type: 'array', items: [{ type: 'string' }] } })),
    'A list of schemas as items of A/properties/a is not supported; expected prefixItems',
  ],
  ['a variant without a name', withA({ oneOf: [tagged('x')] }), 'Variant 0 of A has no name'],
  // References.
  [
    'a reference to another document',
    withA(tagged('x', { b: { $ref: './other.yaml#/B' } })),
    'components/schemas/A/properties/b refers to ./other.yaml#/B, out of the document; bundle the document first',
  ],
  [
    'a reference to nothing',
    withA(tagged('x', { b: ref('B') })),
    'components/schemas/A/properties/b: #/components/schemas/B',
  ],
  ['a reference to what every object inherits', withA(tagged('x', { b: ref('toString') })), 'points at nothing'],
  [
    'a reference into a schema',
    withA(tagged('x', { b: { $ref: '#/components/schemas/A/properties/t' } })),
    'A/properties/b: #/components/schemas/A/properties/t is not a reference to a schema',
  ],
  // Names.
  [
    'a name on which the AsyncAPI parser fails',
    withA(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')),
    'components/schemas/A/properties: expected another name than __proto__',
  ],
  ['another release of AsyncAPI', { ...documentOf(), asyncapi: '2.6.0' }, 'Expected an AsyncAPI 3 document, got 2.6.0'],
  [
    'schemas with one name in code',
    documentOf({ schemas: { A: tagged('x', { b: ref('my-b'), c: ref('MyB') }), 'my-b': {}, MyB: {} } }),
    'would both be MyB in code',
  ],
  [
    'channels with one name in code',
    documentOf({ channels: { A: { address: '/b' } } }),
    'channels/a and channels/A would both be A in code',
  ],
  ['a channel without a letter', documentOf({ channels: { '/': { address: '/' } } }), 'channels//: No name for code'],
  [
    'a schema with the name of frames',
    documentOf({ schemas: { A: tagged('x', { b: ref('AClientFrame') }), AClientFrame: {} } }),
    'The schema AClientFrame has the name of the frames of channels/a',
  ],
  ['a schema with the name of a query', documentOf({ schemas: { AQuery: {} } }), 'see channels/a/bindings/ws'],
])('%s is refused, with its place', async (_, document, message) => {
  await expect(emit(JSON.parse(JSON.stringify(document)))).rejects.toThrow(message);
});
