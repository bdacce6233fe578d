import { join } from 'node:path';
import type { Event } from '@parleyhq/contract';
import { expect, it } from 'vitest';
import { watchThreads } from '../../test/break-thread.js';
import { openHost, owner } from '../../test/open-host.js';
import { execute } from '../../test/open-log.js';
import { startServer } from '../../test/start-server.js';
import { openSqliteEventLog } from '../log/sqlite/sqlite-event-log.js';

/** The numbers that an agent has said, piece by piece. */
function numbersIn(events: readonly Event[]): number[] {
  const pieces = events.map((event) => {
    if (event.type === 'item_delta' && event.delta.type === 'text') return event.delta.text;
    if (event.type !== 'item_started' || event.item.type !== 'agent_message') return '';
    return event.item.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  });
  return pieces.join('').split(' ').filter(Boolean).map(Number);
}

it('a session goes on when the thread of the log dies under it, and nothing is lost or said twice', async () => {
  const threads = watchThreads();
  const { host, cwd, say, until } = await openHost(undefined, { openLog: (path) => openSqliteEventLog({ path }) });
  const { session_id: session } = await host.create(owner, { cwd });
  const { answer } = await say(session, '/flood');
  for (let deaths = 1; deaths <= 3; deaths += 1) {
    const { latest } = host.feed(owner, session);
    await until(session, () => host.feed(owner, session).latest > latest);
    await threads.breakLast();
  }
  const events = await until(session, ({ type, ...event }) => type === 'turn_completed' && 'turn_id' in event);
  expect(events.at(-1)).toMatchObject({ type: 'turn_completed', turn_id: answer.turn_id, status: 'completed' });
  expect(numbersIn(events)).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
  expect(threads.started).toBeGreaterThan(3);
});

it('a server whose log cannot be opened again says so, and recovers though nobody writes', async () => {
  const threads = watchThreads();
  const { folder, send, createSession } = await startServer();
  const session = await createSession();
  const submit = (key: string) =>
    send('POST', `${session}/submit`, {
      body: { type: 'user_message', content: '/refuse' },
      headers: { 'idempotency-key': key },
    });
  const health = async () => (await send('GET', '/api/health')).body.status;
  const file = join(folder, 'data', 'parley.db');
  execute(file, 'PRAGMA user_version = 99');
  await threads.breakLast();
  const refusal = { status: 503, headers: { 'retry-after': '1' }, body: { code: 'Unavailable' } };
  expect(await submit('a')).toMatchObject(refusal);
  expect(await send('GET', `${session}/history?after=0`)).toMatchObject(refusal);
  await expect.poll(health).toBe('degraded');
  execute(file, 'PRAGMA user_version = 1');
  await expect.poll(health).toBe('healthy');
  expect(await submit('a')).toMatchObject({ status: 200, body: { event_id: expect.any(Number) } });
});
