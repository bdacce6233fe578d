import { expect, it } from 'vitest';
import { created, id } from '../../test/events.js';
import { fold } from '../journal/fold.js';
import type { SessionActor } from '../sessions/session.js';
import { createSessionDirectory } from './session-directory.js';

it('a page of the list is shorter where sessions are large, and the next one goes on', () => {
  const directory = createSessionDirectory();
  const ids = [1, 2, 3, 4, 5].map(id);
  for (const [index, session_id] of ids.entries()) {
    const metadata = { note: 'x'.repeat(index === 2 ? 5_000_000 : 1_500_000) };
    const durable = fold(undefined, 1, index, { ...created, session_id, metadata });
    const session = { feed: { sessionId: session_id }, journal: { durable, head: durable } };
    directory.add(session as unknown as SessionActor);
  }
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = directory.list({ account: created.account }, { limit: 4, cursor });
    pages.push(page.sessions.map(({ session_id }) => session_id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(pages).toEqual([[ids[4], ids[3]], [ids[2]], [ids[1], ids[0]]]);
});
