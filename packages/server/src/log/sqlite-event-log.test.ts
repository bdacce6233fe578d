import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogEntry } from './event-log.js';
import { openSqliteEventLog, type SqliteEventLog } from './sqlite-event-log.js';

const ALL = { events: 10_000, bytes: 10_000_000 };
const built = new URL('../../dist/log/sqlite-event-log.js', import.meta.url).href;

let folder: string;
let path: string;
let log: SqliteEventLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-log-'));
  path = join(folder, 'parley.db');
  log = await openSqliteEventLog({ path });
});

afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

function entries(from: number, to: number, text = 'hello'): LogEntry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => entry(from + index, text));
}

function entry(id: number, text: string): LogEntry {
  return { id, frame: JSON.stringify({ type: 'event', id, payload: { text } }) };
}

async function reopen(): Promise<void> {
  await log.close();
  log = await openSqliteEventLog({ path });
}

async function ids(sessionId: string, after: number, limit = ALL): Promise<number[]> {
  return (await log.read(sessionId, after, limit)).map((event) => event.id);
}

describe('appending', () => {
  test('gives back the same text, also after the log was closed and opened again', async () => {
    const written = [entry(1, '请帮我实现一个排序函数 🦜'), entry(2, 'line\nbreak \u2028 \u0000'), entry(3, '\ud800')];
    await log.append('s', 0, written);
    expect(await log.read('s', 0, ALL)).toEqual(written);
    await reopen();
    expect(await log.read('s', 0, ALL)).toEqual(written);
  });

  test('is refused when the log does not end where the writer believes', async () => {
    await log.append('s', 0, entries(1, 3));
    await expect(log.append('s', 4, entries(5, 5))).rejects.toMatchObject({ name: 'LogError', reason: 'conflict' });
    await expect(log.append('s', 1, entries(2, 2, 'other'))).rejects.toMatchObject({ reason: 'conflict' });
    await expect(log.append('s', 2, entries(3, 4))).rejects.toMatchObject({ reason: 'conflict' });
    expect(await ids('s', 0)).toEqual([1, 2, 3]);
  });

  test('may be repeated with the same bytes, in whatever groups they came', async () => {
    await log.append('s', 0, entries(1, 3));
    await log.append('s', 3, entries(4, 9));
    await log.append('s', 3, entries(4, 9));
    await log.append('s', 1, entries(2, 7));
    expect(await ids('s', 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('refuses one append of a group and keeps the others', async () => {
    const outcomes = await Promise.allSettled([
      log.append('a', 0, entries(1, 2)),
      log.append('b', 5, entries(6, 6)),
      log.append('a', 2, entries(3, 3)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await ids('a', 0)).toEqual([1, 2, 3]);
    expect(await log.bounds('b')).toBeUndefined();
  });

  test('keeps nothing of a group that could not be written, and takes it again', async () => {
    // A record that no row can hold stands for any error of the storage in the middle of a commit.
    const broken = { account: 'me', operation: 'submit', key: null as never, bodyHash: 'hash', answer: '{}' };
    const outcomes = await Promise.allSettled([
      log.append('a', 0, entries(1, 2)),
      log.append('b', 0, [{ ...entry(1, 'x'), idempotency: broken }]),
    ]);
    expect(outcomes).toMatchObject([{ reason: { reason: 'unavailable' } }, { reason: { reason: 'unavailable' } }]);
    expect(await log.bounds('a')).toBeUndefined();
    await log.append('a', 0, entries(1, 2, 'other'));
    await reopen();
    expect(await log.read('a', 0, ALL)).toEqual(entries(1, 2, 'other'));
    expect(await log.sessions()).toEqual(['a']);
  });

  test('takes thousands of appends that do not wait for each other', async () => {
    const appends: Promise<void>[] = [];
    for (let id = 1; id <= 3_000; id += 1) {
      appends.push(log.append('a', id - 1, entries(id, id)), log.append('b', id - 1, entries(id, id)));
    }
    await Promise.all(appends);
    expect(await log.bounds('a')).toEqual({ earliest: 1, latest: 3_000 });
    expect(await ids('b', 2_997)).toEqual([2_998, 2_999, 3_000]);
  });

  test('refuses ids with a gap and frames of several lines', async () => {
    await expect(log.append('s', 0, [entry(2, 'x')])).rejects.toThrow('expected the entry with id 1, got id 2');
    await expect(log.append('s', 0, [{ id: 1, frame: '{\n}' }])).rejects.toThrow('to be one line');
  });

  test('is rejected with the cause while the file cannot be written, writes nothing, and works again after', async () => {
    await log.append('s', 0, entries(1, 2));
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const failed = log.append('s', 2, entries(3, 5));
    await expect(failed).rejects.toMatchObject({ reason: 'unavailable', cause: { code: 'SQLITE_BUSY' } });
    expect(await log.bounds('s')).toEqual({ earliest: 1, latest: 2 });
    other.exec('ROLLBACK');
    other.close();
    await log.append('s', 2, entries(3, 5));
    expect(await ids('s', 0)).toEqual([1, 2, 3, 4, 5]);
  });

  test('is rejected whole when the disk is full, and smaller ones succeed', async () => {
    const script = `
      const { openSqliteEventLog } = await import(${JSON.stringify(built)});
      const log = await openSqliteEventLog({ path: ${JSON.stringify(join(folder, 'small.db'))} });
      const entries = (from, to, text) => Array.from({ length: to - from + 1 }, (_, i) => ({ id: from + i, frame: text }));
      await log.append('s', 0, entries(1, 1, 'a'));
      const error = await log.append('s', 1, entries(2, 100, 'x'.repeat(60000))).then(() => undefined, (error) => error);
      await log.append('s', 1, entries(2, 2, 'b'));
      const events = await log.read('s', 0, { events: 10, bytes: 1000 });
      console.log(JSON.stringify({ reason: error?.reason, code: error?.cause?.code, events }));
      await log.close();`;
    const limited = `ulimit -f 2000; exec "$0" --input-type=module -e "$1"`;
    const child = spawn('bash', ['-c', limited, process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    expect(JSON.parse(await text(child.stdout))).toMatchObject({
      reason: 'unavailable',
      code: expect.stringMatching(/^SQLITE_(FULL|IOERR)/),
      events: [
        { id: 1, frame: 'a' },
        { id: 2, frame: 'b' },
      ],
    });
  });

  test('loses nothing that was acknowledged when the process is killed', async () => {
    const script = `
      const { openSqliteEventLog } = await import(${JSON.stringify(built)});
      const log = await openSqliteEventLog({ path: ${JSON.stringify(path)} });
      for (let id = 1; ; id += 1) {
        await log.append('s', id - 1, [{ id, frame: 'event ' + id }]);
        process.stdout.write(id + '\\n');
      }`;
    await log.close();
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = 0;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      if (acknowledged >= 200) child.kill('SIGKILL');
    }
    log = await openSqliteEventLog({ path });
    const events = await log.read('s', 0, ALL);
    expect(acknowledged).toBeGreaterThanOrEqual(200);
    expect(events.length).toBeGreaterThanOrEqual(acknowledged);
    expect(events).toEqual(events.map((_, index) => ({ id: index + 1, frame: `event ${index + 1}` })));
  });
});

describe('reading', () => {
  test('gives pages from any cursor, whatever the groups in which events came', async () => {
    for (const [from, to] of [
      [1, 1],
      [2, 40],
      [41, 41],
      [42, 300],
    ] as const) {
      await log.append('s', from - 1, entries(from, to));
    }
    for (const after of [0, 1, 17, 40, 41, 299, 300, 999]) {
      const seen: number[] = [];
      for (let page = await ids('s', after, { events: 7, bytes: 100_000 }); page.length > 0; ) {
        seen.push(...page);
        page = await ids('s', seen.at(-1)!, { events: 7, bytes: 100_000 });
      }
      expect(seen).toEqual(Array.from({ length: Math.max(0, 300 - after) }, (_, index) => after + 1 + index));
    }
  });

  test('ends a page soon after its size and always gives one event', async () => {
    await log.append('s', 0, entries(1, 40, 'x'.repeat(30_000)));
    const page = await log.read('s', 0, { events: 1_000, bytes: 100_000 });
    expect(page.length).toBeGreaterThan(2);
    expect(page.length).toBeLessThan(7);
    expect(await ids('s', 5, { events: 1_000, bytes: 1 })).toContain(6);
  });

  test('gives nothing for a session that it does not know', async () => {
    expect(await log.read('none', 0, ALL)).toEqual([]);
    expect(await log.bounds('none')).toBeUndefined();
  });

  test('lists sessions in the order of their creation', async () => {
    for (const session of ['c', 'a', 'b']) await log.append(session, 0, entries(1, 1));
    await reopen();
    expect(await log.sessions()).toEqual(['c', 'a', 'b']);
  });
});

describe('forgetting', () => {
  test('trims events in the middle of a group and says that a cursor before them is gone', async () => {
    await log.append('s', 0, entries(1, 10));
    await log.trim('s', 6, 'base');
    await reopen();
    expect(await log.bounds('s')).toEqual({ earliest: 6, latest: 10 });
    expect(await ids('s', 5)).toEqual([6, 7, 8, 9, 10]);
    await expect(log.read('s', 4, ALL)).rejects.toMatchObject({ reason: 'trimmed' });
    await log.trim('s', 99, 'base');
    expect(await log.bounds('s')).toEqual({ earliest: 11, latest: 10 });
    await log.append('s', 10, entries(11, 11));
    expect(await ids('s', 10)).toEqual([11]);
  });

  test('purges a session and nothing of another', async () => {
    const idempotency = { account: 'a', operation: 'submit', session: 'gone', key: 'k', bodyHash: 'h', answer: '{}' };
    await log.append('gone', 0, [{ ...entry(1, 'x'), idempotency }]);
    await log.append('kept', 0, entries(1, 2));
    await log.purge('gone');
    await reopen();
    expect(await log.sessions()).toEqual(['kept']);
    expect(await ids('gone', 0)).toEqual([]);
    expect(await log.findIdempotent(idempotency)).toBeUndefined();
    expect(await ids('kept', 0)).toEqual([1, 2]);
  });
});

describe('answers of commands', () => {
  const scope = { account: 'me', operation: 'submit', session: 's', key: 'k-1' };

  test('are kept with the event that the command caused', async () => {
    const idempotency = { ...scope, bodyHash: 'hash', answer: '{"status":"submitted"}' };
    await log.append('s', 0, [entry(1, 'x'), { ...entry(2, 'y'), idempotency }]);
    await reopen();
    const found = { bodyHash: 'hash', answer: '{"status":"submitted"}', sessionId: 's', eventId: 2 };
    expect(await log.findIdempotent(scope)).toEqual(found);
    expect(await log.findIdempotent({ ...scope, account: 'you' })).toBeUndefined();
    expect(await log.findIdempotent({ account: 'me', operation: 'submit', key: 'k-1' })).toBeUndefined();
  });

  test('are not kept when their append is refused', async () => {
    const idempotency = { ...scope, bodyHash: 'hash', answer: '{}' };
    await expect(log.append('s', 7, [{ ...entry(8, 'x'), idempotency }])).rejects.toMatchObject({ reason: 'conflict' });
    expect(await log.findIdempotent(scope)).toBeUndefined();
  });

  test('are forgotten when their time is over', async () => {
    const idempotency = { ...scope, bodyHash: 'hash', answer: '{}' };
    await log.append('s', 0, [{ ...entry(1, 'x'), idempotency }]);
    await log.close();
    log = await openSqliteEventLog({ path, idempotencyRetentionMs: -1 });
    await log.append('s', 1, entries(2, 2));
    expect(await log.findIdempotent(scope)).toBeUndefined();
  });
});

describe('small values', () => {
  test('are kept by kind and key until they are deleted', async () => {
    await log.store.put('login', 'b', { account: 'me' });
    await log.store.put('login', 'a', ['x']);
    await log.store.put('token', 'a', 1);
    await log.store.put('login', 'b', { account: 'you' });
    await reopen();
    expect(await log.store.list('login')).toEqual([
      { key: 'a', value: ['x'] },
      { key: 'b', value: { account: 'you' } },
    ]);
    expect(await log.store.delete('login', 'b')).toBe(true);
    expect(await log.store.delete('login', 'b')).toBe(false);
    expect(await log.store.get('login', 'b')).toBeUndefined();
    expect(await log.store.get('token', 'a')).toBe(1);
  });

  test('are gone when they have expired', async () => {
    await log.store.put('login', 'old', 1, Date.now() - 1);
    await log.store.put('login', 'new', 2, Date.now() + 60_000);
    expect(await log.store.get('login', 'old')).toBeUndefined();
    expect(await log.store.list('login')).toEqual([{ key: 'new', value: 2 }]);
  });
});

describe('the file', () => {
  test('is readable for its owner alone', async () => {
    await log.append('s', 0, entries(1, 1));
    for (const suffix of ['', '-wal', '-shm']) expect((await stat(path + suffix)).mode & 0o777).toBe(0o600);
  });

  test('is refused when a newer release has written it', async () => {
    await log.close();
    const db = new Database(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(openSqliteEventLog({ path })).rejects.toThrow('the database has version 99');
    const undo = new Database(path);
    undo.exec('PRAGMA user_version = 1');
    undo.close();
    log = await openSqliteEventLog({ path });
  });

  test('takes nothing more once it is closed, and finishes what was asked before', async () => {
    const before = log.append('s', 0, entries(1, 1));
    const closed = log.close();
    await expect(log.append('s', 1, entries(2, 2))).rejects.toMatchObject({ reason: 'closed' });
    await before;
    await closed;
    await log.close();
  });
});
