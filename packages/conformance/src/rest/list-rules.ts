import type { Rule } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import type { World } from '../world/world.js';
import { expectFields, expectThat } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const LIST = 'openapi.yaml#/paths/~1api~1sessions/get';

/** The list of sessions: whole, by pages, by status. */
export const listRules: readonly Rule[] = [
  {
    id: 'rest/list',
    level: 'core',
    title: 'The list has every session of the account once, newest first, over pages of any length.',
    source: LIST,
    async run(world) {
      const made = [await world.createSession(), await world.createSession(), await world.createSession()];
      const whole = await world.call({ path: '/api/sessions?limit=100' });
      expectAnswer(whole, { status: 200 });
      const newest = idsOf(whole).filter((id) => made.some(({ session_id }) => session_id === id));
      const expected = made.map(({ session_id }) => session_id).reverse();
      expectThat(newest.join() === expected.join(), whole, {
        expected: `the sessions just made, newest first: ${expected.join(', ')}`,
        got: newest.join(', '),
      });
      const info = Object(field(whole.json, 'sessions', idsOf(whole).indexOf(String(expected[0]))));
      const same = await world.call({ path: `/api/sessions/${expected[0]}` });
      expectFields(same, {
        session_id: info.session_id,
        cwd: info.cwd,
        http_url: info.http_url,
        created_at: info.created_at,
      });
      await walkPages(world, expected);
    },
  },
  {
    id: 'rest/list-status',
    level: 'core',
    title: 'With a status the list has only the sessions of that status.',
    source: `${LIST}/parameters/2`,
    async run(world) {
      const closed = await world.createSession();
      const open = await world.createSession();
      await world.call({ method: 'DELETE', path: closed.path });
      for (const status of ['idle', 'running', 'awaiting_approval', 'closed']) {
        const page = await world.call({ path: `/api/sessions?status=${status}&limit=100` });
        expectAnswer(page, { status: 200 });
        const other = statusesOf(page).find((one) => one !== status);
        expectThat(other === undefined, page, { expected: `sessions that are ${status}`, got: `one that is ${other}` });
        for (const [session, its] of [
          [closed, 'closed'],
          [open, 'idle'],
        ] as const) {
          const wanted = its === status;
          expectThat(idsOf(page).includes(session.session_id) === wanted, page, {
            expected: `${wanted ? '' : 'not '}the session ${session.session_id}, which is ${its}`,
            got: wanted ? 'a page without it' : 'a page with it',
          });
        }
      }
    },
  },
];

/** Reads the list page by page, to the end or until every expected session has come. */
async function walkPages(world: World, expected: readonly string[]): Promise<void> {
  const seen: string[] = [];
  let cursor: unknown = null;
  do {
    const query = cursor === null ? '' : `&cursor=${encodeURIComponent(String(cursor))}`;
    const page = await world.call({ path: `/api/sessions?limit=2${query}` });
    expectAnswer(page, { status: 200 });
    const ids = idsOf(page);
    expectThat(ids.length <= 2, page, { expected: 'at most 2 sessions', got: `${ids.length}` });
    const again = ids.find((id) => seen.includes(id));
    expectThat(again === undefined, page, { expected: 'no session twice', got: `${again} again` });
    cursor = field(page.json, 'next_cursor');
    const full = cursor === null || ids.length === 2;
    expectThat(full, page, { expected: 'a full page before the last', got: `${ids.length} of 2` });
    seen.push(...ids);
    const found = expected.filter((id) => seen.includes(id));
    const missing = expected.find((id) => !seen.includes(id));
    expectThat(cursor !== null || missing === undefined, page, {
      expected: `${missing} on some page`,
      got: 'the last',
    });
    if (found.length === expected.length && seen.length > 20) return;
  } while (cursor !== null);
  const order = seen.filter((id) => expected.includes(id)).join();
  const last = await world.call({ path: '/api/sessions?limit=1' });
  expectThat(order === expected.join(), last, { expected: `pages in the order ${expected.join()}`, got: order });
}

function idsOf({ json }: Exchange): string[] {
  const sessions = field(json, 'sessions');
  return Array.isArray(sessions) ? sessions.map((session) => String(Object(session).session_id)) : [];
}

function statusesOf({ json }: Exchange): string[] {
  const sessions = field(json, 'sessions');
  return Array.isArray(sessions) ? sessions.map((session) => String(Object(session).status)) : [];
}
