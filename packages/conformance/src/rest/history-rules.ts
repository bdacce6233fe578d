import { isDeepStrictEqual } from 'node:util';
import { BrokenRule, tryEach } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import type { TestSession, World } from '../world/world.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const HISTORY = 'openapi.yaml#/paths/~1api~1sessions~1{session_id}~1history/get';

const sessions = new WeakMap<object, Promise<TestSession>>();

/** The log, read page by page. */
export const historyRules: readonly Rule[] = [
  {
    id: 'rest/history-ids',
    level: 'core',
    title: 'Ids start at 1 and rise by 1.',
    source: 'PROTOCOL.md#2. **Ids**',
    promise: 2,
    async run(world) {
      const { path } = await readySession(world);
      const whole = await readWhole(world, path);
      const ids = itemsOf(whole).map((item) => Object(item).id);
      const wrong = ids.findIndex((id, index) => id !== index + 1);
      expectThat(ids.length > 0 && wrong < 0, whole, {
        expected: `ids from 1, rising by 1`,
        got: wrong < 0 ? 'none' : `${show(ids[wrong])} at place ${wrong + 1}`,
      });
      expectFields(whole, { latest_event_id: ids.length, next_after: null });
    },
  },
  {
    id: 'rest/history-pages',
    level: 'core',
    title: 'Pages of any length together contain the whole log, and no event twice.',
    source: HISTORY,
    async run(world) {
      const { path } = await readySession(world);
      const whole = await readWhole(world, path);
      for (const limit of [1, 2]) {
        let after: unknown = 0;
        const seen: unknown[] = [];
        while (after !== null) {
          const page: Exchange = await world.call({ path: `${path}/history?after=${after}&limit=${limit}` });
          expectAnswer(page, { status: 200 });
          const items = itemsOf(page);
          const isLast = field(page.json, 'next_after') === null;
          const expected = isLast ? `1 to ${limit} events` : `${limit} events`;
          const fits = items.length > 0 && items.length <= limit && (isLast || items.length === limit);
          expectThat(fits, page, { expected, got: `${items.length}` });
          const lastId = Object(items.at(-1)).id;
          if (!isLast) expectFields(page, { next_after: lastId });
          seen.push(...items);
          after = isLast ? null : lastId;
        }
        // The agent may have said something in between.
        const known = itemsOf(whole);
        expectThat(isDeepStrictEqual(seen.slice(0, known.length), known), whole, {
          expected: `the same from pages of ${limit}`,
          got: `${seen.length} events, or others`,
        });
      }
    },
  },
  {
    id: 'rest/history-default-page',
    level: 'core',
    title: 'A page is 100 events from the beginning, unless after and limit say otherwise.',
    source: `${HISTORY}/parameters/1`,
    async run(world) {
      const { path } = await world.createSession();
      const many = Array.from({ length: 110 }, (_, n) => n);
      await tryEach(many, (n) => submit(world, path, { type: 'interrupt', metadata: { n } }), 8);
      const page = await world.call({ path: `${path}/history` });
      expectAnswer(page, { status: 200 });
      const ids = itemsOf(page).map((item) => Object(item).id);
      expectThat(ids.length === 100 && ids[0] === 1, page, {
        expected: '100 events from id 1',
        got: `${ids.length} from id ${ids[0]}`,
      });
      expectFields(page, { next_after: 100 });
    },
  },
  {
    id: 'rest/history-cursor',
    level: 'core',
    title: 'After a cursor come the events with a greater id; a cursor past the end of the log is CursorAhead.',
    source: `${HISTORY}/parameters/0`,
    promise: 3,
    async run(world) {
      const { path } = await readySession(world);
      const whole = await readWhole(world, path);
      const latest = itemsOf(whole).length;
      for (let after = 0; after <= latest; after += 1) {
        const page = await world.call({ path: `${path}/history?after=${after}` });
        expectAnswer(page, { status: 200 });
        const known = itemsOf(whole).slice(after);
        expectThat(isDeepStrictEqual(itemsOf(page).slice(0, known.length), known), page, {
          expected: `the events ${after + 1} to ${latest}`,
          got: show(itemsOf(page).map((item) => Object(item).id)),
        });
        expectFields(page, { next_after: null });
      }
      for (const after of [latest + 1_000, Number.MAX_SAFE_INTEGER]) {
        const ahead = await world.call({ path: `${path}/history?after=${after}` });
        expectAnswer(ahead, { status: 409, code: 'CursorAhead' });
      }
    },
  },
  {
    id: 'rest/history-bytes',
    level: 'core',
    title: 'Events that have been read are the same, byte for byte, whenever they are read again.',
    source: 'PROTOCOL.md#2. **Ids**',
    promise: 2,
    async run(world) {
      const { path } = await readySession(world);
      const first = await readWhole(world, path);
      await submit(world, path, { type: 'interrupt' });
      const again = await readWhole(world, path);
      const bytes = itemBytesOf(first.text);
      expectThat(itemBytesOf(again.text).startsWith(bytes), again, {
        expected: 'a log that begins with the bytes that were read before',
        got: 'others',
      });
    },
  },
  {
    id: 'rest/session-follows-log',
    level: 'core',
    title: "A session's latest_event_id is the last event of its log.",
    source: 'openapi.yaml#/components/schemas/Session/properties/latest_event_id',
    async run(world) {
      const { path } = await readySession(world);
      await submit(world, path, { type: 'interrupt' });
      const before = await world.call({ path });
      const latest = field((await readWhole(world, path)).json, 'latest_event_id');
      const after = await world.call({ path });
      const [low, high] = [before, after].map(({ json }) => Number(field(json, 'latest_event_id')));
      const fits = Number(low) <= Number(latest) && Number(latest) <= Number(high);
      expectThat(fits, after, { expected: `latest_event_id ${latest}`, got: `${low}, then ${high}` });
    },
  },
  {
    id: 'rest/probe',
    level: 'core',
    title: 'A plain GET of the address of the socket tells whether a handshake would be accepted.',
    source: 'openapi.yaml#/paths/~1api~1sessions~1{session_id}~1events/get',
    async run(world) {
      const { path } = await world.sharedSession();
      for (const query of ['', '?since_event_id=0', '?since_event_id=1']) {
        const probe = await world.call({ path: `${path}/events${query}` });
        expectAnswer(probe, { status: 426, code: 'UpgradeRequired' });
        const upgrade = probe.headers.get('upgrade');
        expectThat(upgrade === 'websocket', probe, { expected: 'Upgrade: websocket', got: show(upgrade) });
      }
      const ahead = await world.call({ path: `${path}/events?since_event_id=9007199254740991` });
      expectAnswer(ahead, { status: 409, code: 'CursorAhead' });
    },
  },
];

/** A session with some events in its log. All these rules share one, since agents are slow to start. */
async function readySession(world: World): Promise<TestSession> {
  const known = sessions.get(world.wire);
  if (known !== undefined) return known;
  const made = createWithEvents(world);
  sessions.set(world.wire, made);
  return made;
}

async function createWithEvents(world: World): Promise<TestSession> {
  const session = await world.createSession();
  for (const metadata of [{ n: 1 }, { n: 2 }, { n: 3 }]) {
    await submit(world, session.path, { type: 'interrupt', metadata });
  }
  return session;
}

async function submit(world: World, path: string, json: unknown): Promise<void> {
  expectAnswer(await world.call({ method: 'POST', path: `${path}/submit`, json }), { status: 200 });
}

/** The whole log in one page. */
async function readWhole(world: World, path: string): Promise<Exchange> {
  const whole = await world.call({ path: `${path}/history?limit=1000` });
  expectAnswer(whole, { status: 200 });
  return whole;
}

function itemsOf({ json }: Exchange): unknown[] {
  const items = field(json, 'items');
  return Array.isArray(items) ? items : [];
}

/** The bytes between the brackets of `items`. */
function itemBytesOf(text: string): string {
  const found = /"items"\s*:\s*\[(.*)\]/s.exec(text)?.[1];
  if (found === undefined) throw new BrokenRule({ expected: 'a list of items', got: text.slice(0, 200) });
  return found;
}
