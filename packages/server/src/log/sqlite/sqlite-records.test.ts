import { stat } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { entries, entry, type OpenedLog, openLog } from '../../../test/open-log.js';

let file: OpenedLog;
beforeEach(async () => {
  file = await openLog();
});

describe('answers of commands', () => {
  const scope = { account: 'me', operation: 'submit', session: 's', key: 'k-1' };

  test('are kept with the event that the command caused', async () => {
    const idempotency = { ...scope, bodyHash: 'hash', answer: '{"status":"submitted"}' };
    await file.log.append('s', 0, [entry(1, 'x'), { ...entry(2, 'y'), idempotency }]);
    await file.reopen();
    const found = { bodyHash: 'hash', answer: '{"status":"submitted"}', sessionId: 's', eventId: 2 };
    expect(await file.log.findIdempotent(scope)).toEqual(found);
    expect(await file.log.findIdempotent({ ...scope, account: 'you' })).toBeUndefined();
    expect(await file.log.findIdempotent({ account: 'me', operation: 'submit', key: 'k-1' })).toBeUndefined();
  });

  test('are not kept when their append is refused', async () => {
    const idempotency = { ...scope, bodyHash: 'hash', answer: '{}' };
    await expect(file.log.append('s', 7, [{ ...entry(8, 'x'), idempotency }])).rejects.toMatchObject({
      reason: 'conflict',
    });
    expect(await file.log.findIdempotent(scope)).toBeUndefined();
  });

  test('are forgotten when their time is over', async () => {
    const idempotency = { ...scope, bodyHash: 'hash', answer: '{}' };
    await file.log.append('s', 0, [{ ...entry(1, 'x'), idempotency }]);
    await file.reopen({ idempotencyRetentionMs: -1 });
    await file.log.append('s', 1, entries(2, 2));
    expect(await file.log.findIdempotent(scope)).toBeUndefined();
  });
});

describe('a snapshot', () => {
  test('takes the place of the one before, and goes with its session', async () => {
    await file.log.saveSnapshot('s', { id: 1, text: 'too early' });
    await file.log.append('s', 0, entries(1, 3));
    expect(await file.log.snapshot('s')).toBeUndefined();
    await file.log.saveSnapshot('s', { id: 1, text: 'one' });
    await file.log.saveSnapshot('s', { id: 2, text: 'two' });
    await file.reopen();
    expect(await file.log.snapshot('s')).toEqual({ id: 2, text: 'two' });
    await file.log.purge('s');
    await file.log.append('s', 0, entries(1, 3));
    expect(await file.log.snapshot('s')).toBeUndefined();
  });
});

describe('small values', () => {
  test('are kept by kind and key until they are deleted', async () => {
    await file.log.store.put('login', 'b', { account: 'me' });
    await file.log.store.put('login', 'a', ['x']);
    await file.log.store.put('token', 'a', 1);
    await file.log.store.put('login', 'b', { account: 'you' });
    await file.reopen();
    expect(await file.log.store.list('login')).toEqual([
      { key: 'a', value: ['x'] },
      { key: 'b', value: { account: 'you' } },
    ]);
    expect(await file.log.store.delete('login', 'b')).toBe(true);
    expect(await file.log.store.delete('login', 'b')).toBe(false);
    expect(await file.log.store.get('login', 'b')).toBeUndefined();
    expect(await file.log.store.get('token', 'a')).toBe(1);
  });

  test('are gone when they have expired', async () => {
    await file.log.store.put('login', 'old', 1, Date.now() - 1);
    await file.log.store.put('login', 'new', 2, Date.now() + 60_000);
    expect(await file.log.store.get('login', 'old')).toBeUndefined();
    expect(await file.log.store.list('login')).toEqual([{ key: 'new', value: 2 }]);
  });
});

describe('the file', () => {
  test('only its owner can read it', async () => {
    await file.log.append('s', 0, entries(1, 1));
    for (const suffix of ['', '-wal', '-shm']) expect((await stat(file.path + suffix)).mode & 0o777).toBe(0o600);
  });

  test('is refused when a newer release has written it', async () => {
    file.execute('PRAGMA user_version = 99');
    await expect(file.reopen()).rejects.toThrow('the database has version 99');
    file.execute('PRAGMA user_version = 1');
    await file.reopen();
  });

  test('takes nothing more once it is closed, and finishes what was asked before', async () => {
    const before = file.log.append('s', 0, entries(1, 1));
    const closed = file.log.close();
    await expect(file.log.append('s', 1, entries(2, 2))).rejects.toMatchObject({ reason: 'closed' });
    await before;
    await closed;
    await file.log.close();
  });
});
