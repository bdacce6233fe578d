import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { serveRequests } from './serve-requests.js';
import { openSqliteDatabase } from './sqlite-database.js';
import type { OperationName, Report, Request } from './sqlite-operations.js';

const COMMITS = 20;

/** A database at whose port the next append is waiting whenever one is committed, as of a session that never rests. */
async function openBusyLog() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-log-'));
  const db = openSqliteDatabase(join(folder, 'parley.db'));
  const { port1: caller, port2: served } = new MessageChannel();
  const order: OperationName[] = [];
  const values: unknown[] = [];
  const asked = new Map<number, OperationName>();
  let calls = 0;
  let appended = 0;

  function ask(...requests: Omit<Request, 'call'>[]): void {
    const numbered = requests.map((request) => ({ ...request, call: ++calls }));
    for (const { call, name } of numbered) asked.set(call, name);
    caller.postMessage({ requests: numbered });
  }
  function append(): Omit<Request, 'call'> {
    appended += 1;
    const rows = [{ first: appended, last: appended, frames: `{"id":${appended}}` }];
    return { name: 'append', input: { sessionId: 's', rows, idempotency: [] } };
  }
  const answered = new Promise<void>((resolve) => {
    caller.on('message', (report: Report) => {
      if (!('answers' in report)) return;
      for (const answer of report.answers) {
        order.push(asked.get(answer.call)!);
        values.push('value' in answer ? answer.value : answer.refusal);
      }
      if (appended === COMMITS && order.length === calls) resolve();
    });
  });
  onTestFinished(async () => {
    const closed = new Promise((resolve) => caller.once('close', resolve));
    caller.postMessage({ close: true });
    await closed;
    await rm(folder, { recursive: true });
  });
  const transaction: typeof db.transaction = (work) => {
    const result = db.transaction(work);
    if (appended < COMMITS) ask(append());
    return result;
  };
  serveRequests({ ...db, transaction }, served, { idempotencyRetentionMs: 1e9 });
  return { ask, append, answered, order, values };
}

test('who reads is answered between the commits of sessions that never rest, in turn', async () => {
  const { ask, append, answered, order, values } = await openBusyLog();
  const key = { account: 'a', operation: 'submit', key: 'k' };
  const limit = { events: 10, bytes: 1_000 };
  ask(
    append(),
    { name: 'read', input: { sessionId: 's', after: 0, limit } },
    { name: 'read', input: { sessionId: 's', after: 0, limit } },
    { name: 'findIdempotent', input: key },
    { name: 'bounds', input: { sessionId: 's' } },
  );
  await answered;
  expect(order.slice(0, 6)).toEqual(['append', 'findIdempotent', 'bounds', 'read', 'append', 'read']);
  // What was appended before is seen.
  expect(values.slice(2, 4)).toEqual([
    { earliest: 1, latest: 1 },
    { first: 1, last: 1, frames: '{"id":1}' },
  ]);
  expect(order.filter((name) => name === 'append')).toHaveLength(COMMITS);
});
