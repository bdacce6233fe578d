import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event, EventFrame } from '@parleyhq/contract';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { created, id, message, startedTurn } from '../../test/events.js';
import { openTestLog } from '../../test/open-test-log.js';
import { type EventLog, LogError, type StoredEvent } from '../log/event-log.js';
import type { SqliteEventLog } from '../log/sqlite/sqlite-event-log.js';
import { createJournal, type Journal } from './journal.js';
import { readFold } from './read-fold.js';

const SESSION = id(1);
const ALL = { events: 1_000, bytes: 1e9 };
let folder: string;
let log: SqliteEventLog;
let journal: Journal;
let published: number[];
/** What happens to an append before the log is asked, and after it has answered. */
let before: () => Promise<void>;
let after: () => Promise<void>;
/** What happens before the log is read. */
let looked: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-journal-'));
  log = await openTestLog(join(folder, 'log.db'));
  before = after = looked = async () => undefined;
  journal = await open();
  await journal.append([created]);
  published = [];
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

async function open(): Promise<Journal> {
  published = [];
  const watched: EventLog = {
    ...log,
    async append(...append) {
      await before();
      await log.append(...append);
      await after();
    },
    async read(...read) {
      await looked();
      return log.read(...read);
    },
  };
  const publish = (events: readonly StoredEvent[]) => void published.push(...events.map((event) => event.id));
  const restored = await readFold(log, SESSION);
  return createJournal({ sessionId: SESSION, log: watched, logger: pino({ level: 'silent' }), restored, publish });
}

async function stored(): Promise<Event[]> {
  const events = await log.read(SESSION, 0, ALL);
  return events.map(({ frame }) => (JSON.parse(frame) as EventFrame).payload);
}

describe('a journal', () => {
  it('has nothing to do with an empty list', async () => {
    expect(await journal.append([])).toEqual([]);
    expect(journal.head.state.latest_event_id).toBe(1);
  });

  it('shows an event once the log has it, and not before', async () => {
    let answer: () => void = () => undefined;
    const written = new Promise<void>((resolve) => {
      after = () => {
        resolve();
        return new Promise((answered) => {
          answer = answered;
        });
      };
    });
    let acknowledged = false;
    const appended = journal.append([message(10)]).then((ids) => {
      acknowledged = true;
      return ids;
    });
    expect(journal.head.queue).toHaveLength(1);
    expect(journal.durable.queue).toHaveLength(0);
    await written;
    expect(await stored()).toHaveLength(2);
    expect(published).toEqual([]);
    expect(acknowledged).toBe(false);
    expect(journal.durable.state.latest_event_id).toBe(1);
    answer();
    expect(await appended).toEqual([2]);
    expect(published).toEqual([2]);
    expect(journal.durable.queue).toHaveLength(1);
  });

  it('takes what could not be written for nothing, and goes on with the same id', async () => {
    before = () => Promise.reject(new LogError('unavailable', 'the disk is full'));
    await expect(journal.append([message(10)])).rejects.toMatchObject({ code: 'Unavailable' });
    expect(published).toEqual([]);
    expect(journal.head.queue).toEqual([]);
    before = async () => undefined;
    expect(await journal.append([message(11)])).toEqual([2]);
    expect(await stored()).toEqual([created, message(11)]);
  });

  it('says nothing twice: it reads what became of an append whose answer was lost, as soon as that can be read', async () => {
    after = () => Promise.reject(new LogError('lost', 'the thread of the log failed'));
    let looks = 0;
    looked = async () => {
      looks += 1;
      if (looks < 3) throw new LogError('unavailable', 'the log cannot be opened');
    };
    expect(await journal.append([message(10)])).toEqual([2]);
    expect(looks).toBeGreaterThanOrEqual(3);
    expect(published).toEqual([2]);
    expect(journal.durable.queue).toHaveLength(1);
    before = after;
    await expect(journal.append([message(11)])).rejects.toMatchObject({ code: 'Unavailable' });
    before = after = async () => undefined;
    expect(await journal.append([message(11)])).toEqual([3]);
    expect(await stored()).toEqual([created, message(10), message(11)]);
  });

  it('numbers and shows what does not wait for each other in the order of the calls', async () => {
    const appends = Array.from({ length: 50 }, (_, turn) =>
      journal.append([message(10 + turn), startedTurn(10 + turn)]),
    );
    const ids = (await Promise.all(appends)).flat();
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => index + 2));
    expect(published).toEqual(ids);
    expect(await stored()).toHaveLength(101);
  });

  it('goes on with the ids of the log after a restart', async () => {
    await journal.append([message(10)]);
    journal = await open();
    expect(await journal.append([message(11)])).toEqual([3]);
    expect(await stored()).toEqual([created, message(10), message(11)]);
  });

  it('lets nothing follow the end of a session, also what is said before the end is written', async () => {
    const closed: Event = { type: 'session_closed', reason: 'requested' };
    const [end, late] = await Promise.allSettled([journal.append([closed]), journal.append([message(10)])]);
    expect(end).toMatchObject({ value: [2] });
    expect(late).toMatchObject({ reason: { code: 'SessionClosed' } });
    await expect(journal.append([message(10)])).rejects.toMatchObject({ code: 'SessionClosed' });
    expect(await stored()).toEqual([created, closed]);
  });

  it('puts a notice in the place of an event that does not fit the contract', async () => {
    const broken = { type: 'turn_started', turn_id: 7, submission_id: 's' } as unknown as Event;
    expect(await journal.append([broken, message(10)])).toEqual([2, 3]);
    const [, notice, next] = await stored();
    expect(notice).toMatchObject({ type: 'notice', level: 'error', code: 'invalid_event' });
    expect(notice).toMatchObject({ message: expect.stringMatching(/turn_started.*\/turn_id/) });
    expect(next).toEqual(message(10));
  });

  it('puts an end that says less in the place of the end of a turn that does not fit the contract', async () => {
    const of = { turn_id: randomUUID(), submission_id: 's' };
    const error = { code: 'agent_error', message: 'x'.repeat(8193) };
    const broken: Event = { type: 'turn_completed', ...of, status: 'failed', cause: 'agent_error', error };
    await journal.append([broken]);
    const [, end] = await stored();
    const places = expect.stringContaining('/error/message');
    expect(end).toEqual({ ...broken, error: { code: 'agent_error', message: places } });
  });
});
