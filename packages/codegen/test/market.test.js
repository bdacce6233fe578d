import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateProject, readDocument } from './helpers/generated.js';

const uuid = '550e8400-e29b-41d4-a716-446655440000';
const headers = { 'x-api-version': '2' };

describe('a document with several channels', () => {
  /** @type {Awaited<ReturnType<typeof generateProject>>} */
  let project;
  let code;
  beforeAll(async () => {
    project = await generateProject(readDocument('market').text);
    code = await project.load();
  });
  afterAll(() => project.remove());

  it('gives modules that compile under strict, and handlers that must be complete', () => {
    const use = `
import type { OrdersClientFrame, PricesServerFrame } from './frames.js';
import { handleOrdersClientFrame, type OrdersServerHandlers, type PricesClientHandlers } from './handlers.js';
import { buildAuditUrl, buildOrdersUrl, buildPricesUrl, parseHandshake } from './handshake.js';
import { parseOrdersClientFrame } from './codec.js';

export const handlers: OrdersServerHandlers<string, number> = {
  placeOrder: { place: (frame, context) => frame.order.symbol.length + context.length },
  cancelOrder: { cancel: (frame) => frame.id.length },
};
export const prices: PricesClientHandlers<void, string | undefined> = {
  publishPrices: { tick: (frame) => frame.side },
  publishHalts: { halted: (frame) => frame.reason },
};
// @ts-expect-error a handler is missing
export const incomplete: OrdersServerHandlers<string, number> = { placeOrder: handlers.placeOrder };
// @ts-expect-error there is no such market
buildPricesUrl('ws://host', { market: 'bazaar', symbol: 'a' }, { depth: 1 });
// @ts-expect-error the depth is missing
buildPricesUrl('ws://host', { market: 'spot', symbol: 'a' }, {});
export const urls = [buildPricesUrl('ws://host', { market: 'spot', symbol: 'a' }, { depth: 1 }), buildOrdersUrl('ws://host'), buildAuditUrl('ws://host', { from: 'a', to: 'b' })];

export function read(text: string): number {
  const frame = parseOrdersClientFrame(text);
  return frame.ok ? handleOrdersClientFrame(handlers, frame.value, 'context') : frame.problems.length;
}
export function nameOf(frame: PricesServerFrame | OrdersClientFrame): string {
  if ('kind' in frame) return frame.kind === 'tick' ? frame.price.currency : frame.reason;
  return frame.op === 'place' ? frame.order.symbol : frame.id;
}
export function marketOf(target: string): 'spot' | 'futures' | undefined {
  const handshake = parseHandshake(target);
  return handshake?.ok && handshake.value.channel === 'prices' ? handshake.value.path.market : undefined;
}
`;
    expect(project.compile(use)).toEqual([]);
  });

  it('parses frames strictly where one takes them in, and tells what is wrong and where', () => {
    const order = { symbol: 'ABC', limit: { amount: '1.5', currency: 'EUR' }, tags: { a: 'b' }, note: null };
    expect(code.parseOrdersClientFrame(JSON.stringify({ op: 'place', order }))).toEqual({
      ok: true,
      value: { op: 'place', order },
    });
    const bad = {
      op: 'place',
      order: { ...order, limit: { amount: 'x', currency: '€' }, tags: { A: 1, 'b/c': 'd', e: 'f' }, note: 'too long' },
      more: 1,
    };
    expect(code.parseOrdersClientFrame(JSON.stringify(bad)).problems).toEqual([
      {
        pointer: '/order/limit/amount',
        keyword: 'pattern',
        message: 'expected a match of ^-?\\d+(\\.\\d{1,8})?$, got "x"',
      },
      { pointer: '/order/limit/currency', keyword: 'minLength', message: 'expected at least 3 characters, got 1' },
      { pointer: '/order/tags/A', keyword: 'type', message: 'expected string, got number' },
      { pointer: '/order/tags', keyword: 'maxProperties', message: 'expected at most 2 properties, got 3' },
      { pointer: '/order/tags/A', keyword: 'pattern', message: 'expected a match of ^[a-z]+$, got "A"' },
      { pointer: '/order/tags/b~1c', keyword: 'pattern', message: 'expected a match of ^[a-z]+$, got "b/c"' },
      { pointer: '/order/note', keyword: 'maxLength', message: 'expected at most 5 characters, got 8' },
      { pointer: '/more', keyword: 'additionalProperties', message: 'expected no property of this name' },
    ]);
    expect(code.parseOrdersClientFrame('{"op":"sell"}')).toEqual({
      ok: false,
      problems: [{ pointer: '/op', keyword: 'oneOf', message: 'expected "place" or "cancel", got "sell"' }],
      raw: { op: 'sell' },
    });
    expect(code.parseOrdersClientFrame('{}').problems).toEqual([
      { pointer: '/op', keyword: 'required', message: 'expected a value, got nothing' },
    ]);
    expect(code.parseOrdersClientFrame('[]').problems).toEqual([
      { pointer: '', keyword: 'type', message: 'expected object, got array' },
    ]);
    expect(code.parseOrdersClientFrame('{"op"').problems).toMatchObject([{ pointer: '', keyword: 'json' }]);
  });

  it('reads tolerantly what the document lets grow, and nothing else', () => {
    const tick = { kind: 'tick', at: '2026-11-22T10:00:00Z', price: { amount: '1', currency: 'EUR' } };
    const grown = { ...tick, side: 'mid', more: { things: 1 } };
    expect(code.strictPriceTick(grown).ok).toBe(false);
    expect(code.parsePricesServerFrame(JSON.stringify(grown))).toEqual({ ok: true, value: grown });
    expect(code.tolerantPriceTick({ ...tick, at: 'noon' }).problems).toMatchObject([
      { pointer: '/at', keyword: 'format' },
    ]);
    expect(code.tolerantPriceTick({ ...tick, side: 1 }).problems).toMatchObject([
      { pointer: '/side', keyword: 'type' },
    ]);
    const state = (value) => ({ id: uuid, state: value });
    expect(code.tolerantOrderState(state({ name: 'expired', at: 5 })).ok).toBe(true);
    expect(code.strictOrderState(state({ name: 'expired' })).problems).toMatchObject([
      { pointer: '/state/name', keyword: 'oneOf' },
    ]);
    expect(code.tolerantOrderState(state({ name: 'filled', at: 5 })).problems).toMatchObject([
      { pointer: '/state/at', keyword: 'type' },
    ]);
    expect(code.tolerantOrderState(state({ name: 5 })).ok).toBe(false);
    expect(code.tolerantOrderState(state({})).problems).toMatchObject([
      { pointer: '/state/name', keyword: 'required' },
    ]);
    expect(code.stateNames).toEqual(['open', 'filled']);
  });

  it('is not confused by names that every object inherits', () => {
    const tick = { kind: 'tick', at: '2026-11-22T10:00:00Z', price: { amount: '1', currency: 'EUR' } };
    expect(code.strictPriceTick(tick).ok).toBe(true);
    expect(code.strictPriceTick({ ...tick, constructor: 'long name' }).problems).toMatchObject([
      { pointer: '/constructor' },
    ]);
    const hostile = JSON.parse(`{"op":"cancel","id":"${uuid}","__proto__":{"x":1}}`);
    expect(code.strictCancel(hostile).problems).toMatchObject([
      { pointer: '/__proto__', keyword: 'additionalProperties' },
    ]);
    expect(code.strictOrdersClientFrame({ op: 'constructor' }).ok).toBe(false);
  });

  it('encodes only what fits', () => {
    expect(code.encodeOrdersClientFrame({ op: 'cancel', id: uuid })).toEqual({
      ok: true,
      value: `{"op":"cancel","id":"${uuid}"}`,
    });
    expect(code.encodeOrdersClientFrame({ op: 'cancel', id: 'x' }).problems).toMatchObject([
      { pointer: '/id', keyword: 'format' },
    ]);
  });

  it('calls the handler of the frame', () => {
    const handlers = {
      placeOrder: { place: () => 'placed' },
      cancelOrder: { cancel: (frame, context) => [frame.id, context] },
    };
    expect(code.handleOrdersClientFrame(handlers, { op: 'cancel', id: uuid }, 'context')).toEqual([uuid, 'context']);
  });

  it('reads a handshake with typed values', () => {
    const target = '/v1/spot/prices/A%2FB?depth=5&live=true&fields=bid&fields=ask&ratios=0.5';
    expect(code.parseHandshake(target, { ...headers, host: 'localhost' })).toEqual({
      ok: true,
      value: {
        channel: 'prices',
        path: { market: 'spot', symbol: 'A/B' },
        query: { depth: 5, live: true, fields: ['bid', 'ask'], ratios: [0.5] },
        headers: { 'x-api-version': 2 },
      },
    });
    expect(code.parseHandshake('/audit/2026.2027').value).toMatchObject({
      channel: 'audit',
      path: { from: '2026', to: '2027' },
    });
    expect(code.parseHandshake('/orders/')).toBeUndefined();
    expect(code.parseHandshake('/v2/spot/prices/A?depth=5')).toBeUndefined();
  });

  it('says what is wrong with a handshake, each place by its pointer', () => {
    const problems = (target, given = headers) =>
      code.parseHandshake(target, given).problems.map(({ pointer, message }) => `${pointer}: ${message}`);
    expect(problems('/v1/bazaar/prices/%E0%A4%A?depth=x&live=yes&fields=a&depth2=1', {})).toEqual([
      '/path/market: expected spot or futures, got bazaar',
      '/path/symbol: expected percent-encoded UTF-8, got %E0%A4%A',
      '/query/depth: expected integer, got string',
      '/query/live: expected boolean, got string',
      '/query/fields/0: expected "bid" or "ask" or "volume", got "a"',
      '/query/depth2: expected no property of this name',
      '/headers/x-api-version: expected a value, got nothing',
    ]);
    expect(problems('/v1/spot/prices/A')).toEqual(['/query/depth: expected a value, got nothing']);
    expect(problems('/v1/spot/prices/A?depth=1&depth=2')).toEqual(['/query/depth: expected integer, got array']);
    expect(problems('/v1/spot/prices/A?depth=99&__proto__=1')).toEqual([
      '/query/depth: expected a number up to 50, got 99',
      '/query/__proto__: expected no property of this name',
    ]);
    expect(problems('/v1/spot/prices/A?depth=1', { 'x-api-version': '1' })).toEqual([
      '/headers/x-api-version: expected a number from 2, got 1',
    ]);
  });

  it('builds the URL that it reads', () => {
    const path = { market: 'futures', symbol: 'ä/ß' };
    const query = { depth: 3, fields: ['bid', 'volume'], live: undefined };
    const url = code.buildPricesUrl('https://host:8443/', path, query);
    expect(url).toBe('wss://host:8443/v1/futures/prices/%C3%A4%2F%C3%9F?depth=3&fields=bid&fields=volume');
    const { pathname, search } = new URL(url);
    expect(code.parseHandshake(pathname + search, headers).value).toMatchObject({
      path,
      query: { depth: 3, fields: ['bid', 'volume'] },
    });
    expect(code.buildOrdersUrl('ws://host/base')).toBe('ws://host/base/orders');
  });

  it('gives bundles that hold only what they use', async () => {
    const all = await project.bundle("export * from './strict.js'; export * from './tolerant.js';");
    const one = await project.bundle("export { strictCancel } from './strict.js';");
    expect(one.length).toBeLessThan(all.length / 2);
    expect(one).toContain('cancel');
    expect(one).not.toMatch(/filled|halted|\beval\b|new Function|require\(/);
  });
});
