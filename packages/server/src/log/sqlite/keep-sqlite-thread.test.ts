import { beforeEach, expect, test } from 'vitest';
import { itInAll } from '../../../../../scripts/test-forms.js';
import { watchThreads } from '../../../test/break-thread.js';
import { ALL, entries, entry, type OpenedLog, openLog } from '../../../test/open-log.js';
import type { LogEntry, LogError } from '../event-log.js';

let threads: ReturnType<typeof watchThreads>;
let file: OpenedLog;
let losses: LogError[];
beforeEach(async () => {
  threads = watchThreads();
  losses = [];
  file = await openLog({ onThreadLost: (error) => losses.push(error) });
});

itInAll('a thread that dies again and again costs nothing that was acknowledged, and sessions go on', async () => {
  const acknowledged = new Map<string, LogEntry[]>();
  const reasons = new Set<string>();
  let going = true;

  /** A session that writes one event after another, and repeats what was not acknowledged. */
  async function write(session: string): Promise<void> {
    const mine: LogEntry[] = [];
    acknowledged.set(session, mine);
    while (going) {
      const next = entry(mine.length + 1, `of ${session}`);
      try {
        await file.log.append(session, mine.length, [next]);
        mine.push(next);
      } catch (error) {
        reasons.add((error as LogError).reason);
        await new Promise(setImmediate);
      }
    }
  }
  const sessions = Array.from({ length: 8 }, (_, index) => write(`session ${index}`));
  for (let deaths = 1; deaths <= 5; deaths += 1) {
    const before = acknowledged.get('session 0')?.length ?? 0;
    await expect.poll(() => acknowledged.get('session 0')?.length).toBeGreaterThan(before + 20);
    await threads.breakLast();
  }
  await expect.poll(() => threads.started).toBe(6);
  going = false;
  await Promise.all(sessions);

  expect([...reasons]).toEqual(['lost']);
  expect(losses).toHaveLength(5);
  expect(losses[0]).toMatchObject({ reason: 'lost', message: expect.stringContaining('TypeError') });
  await file.reopen();
  for (const [session, mine] of acknowledged) expect(await file.log.read(session, 0, ALL)).toEqual(mine);
});

test('a request without a thread waits for the next one, and a read is repeated', async () => {
  await file.log.append('s', 0, entries(1, 3));
  const broken = threads.breakLast();
  // Behind the error on its way to the thread: nobody answers it there.
  const underWay = file.ids('s', 0);
  await broken;
  const between = file.ids('s', 1);
  expect(await underWay).toEqual([1, 2, 3]);
  expect(await between).toEqual([2, 3]);
  await file.log.append('s', 3, entries(4, 4));
  expect(await file.ids('s', 3)).toEqual([4]);
  expect(threads.started).toBe(2);
});

itInAll('is unavailable while no thread can be started, and recovers when one can', async () => {
  await file.log.append('s', 0, entries(1, 3));
  file.execute('PRAGMA user_version = 99');
  await threads.breakLast();
  const refusal = { reason: 'unavailable', message: expect.stringContaining('the database has version 99') };
  await expect(file.log.append('s', 3, entries(4, 4))).rejects.toMatchObject(refusal);
  await expect(file.ids('s', 0)).rejects.toMatchObject(refusal);
  await expect(file.log.check()).rejects.toMatchObject(refusal);
  expect(losses.length).toBeGreaterThan(2);
  file.execute('PRAGMA user_version = 1');
  await expect.poll(() => file.log.append('s', 3, entries(4, 4)).then(() => 'written', String)).toBe('written');
  await file.log.check();
  expect(await file.ids('s', 0)).toEqual([1, 2, 3, 4]);
});

test('is not started again once the log is closed', async () => {
  await threads.breakLast();
  const waiting = file.ids('s', 0);
  const closed = file.log.close();
  await expect(waiting).rejects.toMatchObject({ reason: 'closed' });
  await closed;
  expect(threads.started).toBe(1);
  await expect(file.ids('s', 0)).rejects.toMatchObject({ reason: 'closed' });
});
