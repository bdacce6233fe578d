import { BrokenRule } from '../broken-rule.js';
import { elementsOf, find, type Json } from '../documents/json.js';
import { expectAnswer } from '../rest/expect-answer.js';
import type { World } from '../world/world.js';
import type { EventSocket } from './event-socket.js';
import type { Frame } from './frame-log.js';

/** Expects the ids of a socket's events to rise by 1, from the one after a cursor. */
export function expectIds(socket: EventSocket, after: number): void {
  for (const [index, { id }] of socket.events.entries()) {
    if (id === after + index + 1) continue;
    throw socket.broken({ expected: `event ${after + index + 1}`, got: `event ${id}` });
  }
}

/** How many events a log has. */
export async function latestOf(world: World, path: string): Promise<number> {
  const history = await world.call({ path: `${path}/history?limit=1` });
  expectAnswer(history, { status: 200 });
  return Number(find(history.json as Json, 'latest_event_id'));
}

/**
 * Expects the events of a socket to be those that history has after a cursor, byte for byte. Later events of the
 * history are ignored.
 *
 * @throws BrokenRule
 */
export async function expectHistory(
  world: World,
  path: string,
  events: readonly Frame[],
  after: number,
): Promise<void> {
  const frames = new Map(events.map((event) => [event.id, event]));
  const last = events.at(-1)?.id ?? after;
  let cursor = after;
  for (let next: Json = after; typeof next === 'number'; ) {
    const history = await world.call({ path: `${path}/history?after=${next}&limit=1000` });
    expectAnswer(history, { status: 200 });
    let place = 0;
    for (const item of elementsOf(find(history.json as Json, 'items'))) {
      if (cursor === last) return;
      cursor += 1;
      const text = frames.get(cursor)?.text;
      const found = text === undefined || find(item, 'id') !== cursor ? -1 : history.text.indexOf(text, place);
      if (text === undefined || found < 0) {
        const expected = `event ${cursor} in history, byte for byte as on the socket: ${text?.slice(0, 300) ?? 'none'}`;
        throw new BrokenRule({ expected, got: JSON.stringify(item).slice(0, 300), exchange: history });
      }
      place = found + text.length;
    }
    next = find(history.json as Json, 'next_after') ?? null;
  }
  if (cursor < last)
    throw new BrokenRule({ expected: `event ${last} in history, as on the socket`, got: `${cursor} as the last` });
}
