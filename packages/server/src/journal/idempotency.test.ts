import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { created, id, message } from '../../test/events.js';
import { openTestLog } from '../../test/open-test-log.js';
import type { SqliteEventLog } from '../log/sqlite/sqlite-event-log.js';
import { createIdempotency, type Idempotency } from './idempotency.js';
import { createJournal, type Journal } from './journal.js';

const scope = { account: 'owner', operation: 'submit', session: id(1), key: 'k' };
let folder: string;
let log: SqliteEventLog;
let journal: Journal;
let idempotency: Idempotency;
let carriedOut: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-idempotency-'));
  log = await openTestLog(join(folder, 'log.db'));
  const publish = () => undefined;
  journal = createJournal({ sessionId: id(1), log, logger: pino({ level: 'silent' }), publish });
  await journal.append([created]);
  idempotency = createIdempotency(log);
  carriedOut = 0;
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

/** Sends a command that counts how often it is carried out. */
function send(to: Partial<typeof scope> = {}, body: unknown = { a: 1, b: [{ c: 2, d: 3 }] }) {
  return idempotency.once<number>({ ...scope, ...to }, body, async (record) => {
    carriedOut += 1;
    const answer = carriedOut;
    await journal.append(
      [message(10 + answer)],
      record?.(() => answer),
    );
    return answer;
  });
}

describe('a command with a key', () => {
  it('is carried out once, also while it is being carried out and by a server that was started again', async () => {
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ answer, repeated }) => [answer, repeated])).toEqual([
      [1, false],
      [1, true],
      [1, true],
    ]);
    idempotency = createIdempotency(log);
    expect(await send()).toEqual({ answer: 1, repeated: true, eventId: 2 });
    expect(carriedOut).toBe(1);
  });

  it('and with another body is a conflict, also while the first is being carried out', async () => {
    const first = send();
    await expect(send({}, { a: 2 })).rejects.toMatchObject({ code: 'IdempotencyConflict' });
    await first;
    await expect(send({}, { a: 2 })).rejects.toMatchObject({ code: 'IdempotencyConflict' });
    expect(carriedOut).toBe(1);
  });

  it('is the same in whatever order its body names things', async () => {
    await send();
    expect((await send({}, { b: [{ d: 3, c: 2 }], a: 1 })).repeated).toBe(true);
    await expect(send({}, { a: 1, b: [{ c: 3, d: 2 }] })).rejects.toMatchObject({ code: 'IdempotencyConflict' });
  });

  it('of another account, operation or session is another', async () => {
    const others = [{ account: 'other' }, { operation: 'applyPatch' }, { session: id(2) }, { key: 'other' }];
    const answers = await Promise.all([send(), ...others.map((to) => send(to))]);
    expect(answers.map(({ repeated }) => repeated)).toEqual([false, false, false, false, false]);
    idempotency = createIdempotency(log);
    const again = await Promise.all([send(), ...others.map((to) => send(to))]);
    expect(again.map(({ answer }) => answer)).toEqual(answers.map(({ answer }) => answer));
    expect(carriedOut).toBe(5);
  });

  it('that was refused may be tried again', async () => {
    const refused = idempotency.once<number>(scope, { a: 1 }, () => Promise.reject(new Error('not now')));
    await expect(refused).rejects.toThrow('not now');
    expect(await send()).toMatchObject({ answer: 1, repeated: false });
  });
});

it('a command without a key is carried out each time', async () => {
  const without = { ...scope, key: undefined };
  const answers = [
    await idempotency.once(without, {}, async () => 1),
    await idempotency.once(without, {}, async () => 2),
  ];
  expect(answers).toEqual([
    { answer: 1, repeated: false },
    { answer: 2, repeated: false },
  ]);
});
