import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, AgentError, type AgentTurn, type AgentTurnResult } from '@parleyhq/agents';
import type { Event } from '@parleyhq/contract';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { created, id, message } from '../../test/events.js';
import { openTestLog } from '../../test/open-test-log.js';
import { createJournal, type Journal } from '../journal/journal.js';
import { type EventLog, LogError } from '../log/event-log.js';
import type { SqliteEventLog } from '../log/sqlite/sqlite-event-log.js';
import type { AgentSlot } from './agent-slot.js';
import { INTERRUPTED } from './turn-end.js';
import { createTurns, type Turns } from './turns.js';

const logger = pino({ level: 'silent' });
let folder: string;
let log: SqliteEventLog;
let journal: Journal;
/** Called before each append. */
let appending: (frames: string) => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-turns-'));
  log = await openTestLog(join(folder, 'log.db'));
  appending = async () => undefined;
  const watched: EventLog = {
    ...log,
    async append(session, expected, entries) {
      await appending(entries.map(({ frame }) => frame).join());
      await log.append(session, expected, entries);
    },
  };
  journal = createJournal({ sessionId: id(1), log: watched, logger, publish: () => undefined });
  await journal.append([created]);
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

/** Turns of an agent that does with a message what the test says; `ended` aborts when the agent is ended. */
function openTurns(prompt: (turn: AgentTurn, ended: AbortSignal) => Promise<AgentTurnResult>): Turns {
  const end = new AbortController();
  const agent: Pick<Agent, 'prompt' | 'cancel'> = {
    prompt: (turn) => prompt(turn, end.signal),
    cancel: async () => undefined,
  };
  const slot: AgentSlot = {
    current: agent as Agent,
    ensure: async () => agent as Agent,
    close: async () => end.abort(),
    retire: async () => end.abort(),
    revive: () => undefined,
  };
  return createTurns({
    journal,
    slot,
    logger,
    ready: async () => undefined,
    begin: () => undefined,
    settle: async () => undefined,
    cancellations: () => ({ events: [], released: () => undefined }),
    isSpent: () => false,
    limits: { interruptGraceMs: 10, maxTurnSilenceMs: 60_000, agentTurnIdleMs: 60_000 },
  });
}

const completed: AgentTurnResult = { stopReason: 'end_turn', status: 'completed', cause: 'end_turn' };

/** Resolves when no turn waits and none runs. */
async function idle(): Promise<void> {
  while (journal.durable.queue.length > 0 || journal.durable.state.turn_id !== null) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('a turn begins in the log before the agent hears of it', async () => {
  const begun: (string | null)[] = [];
  const turns = openTurns(async () => {
    begun.push(journal.durable.state.turn_id);
    return completed;
  });
  await journal.append([message(10), message(11)]);
  turns.next();
  await idle();
  expect(begun).toEqual([id(10), id(11)]);
});

it('a turn whose agent does not obey an interrupt ends with the agent', async () => {
  let heard: () => void = () => undefined;
  const prompted = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const turns = openTurns((_, ended) => {
    heard();
    return new Promise((_, reject) => {
      ended.addEventListener('abort', () => reject(new AgentError('exit', 'The agent was ended.')));
    });
  });
  await journal.append([message(10)]);
  turns.next();
  await prompted;
  await turns.cancel(undefined, INTERRUPTED);
  await idle();
  const frames = await log.read(id(1), 3, { events: 10, bytes: 1e6 });
  expect(frames.map(({ frame }) => JSON.parse(frame).payload)).toMatchObject([
    { type: 'turn_completed', turn_id: id(10), status: 'interrupted', cause: 'interrupted' },
  ]);
});

it('a turn of the agent does not begin while that of a message runs', async () => {
  let end: () => void = () => undefined;
  const turns = openTurns(async () => {
    expect(await turns.startOwn(undefined)).toBeUndefined();
    expect(await turns.startOwn(id(9))).toBeUndefined();
    end();
    return completed;
  });
  await journal.append([message(10)]);
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  turns.next();
  await ended;
  await idle();
});

it('a turn that was cleared from the queue before it could begin never begins', async () => {
  const heard: string[] = [];
  const turns = openTurns(async ({ turnId }) => {
    heard.push(turnId);
    return completed;
  });
  await journal.append([message(10), message(11)]);
  const refused = new Promise<void>((resolve) => {
    appending = async (frames) => {
      if (!frames.includes('turn_started')) return;
      appending = async () => undefined;
      resolve();
      throw new LogError('unavailable', 'the disk is full');
    };
  });
  turns.next();
  await refused;
  await vi.waitUntil(() => journal.head.state.turn_id === null);
  const end: Event = {
    type: 'turn_completed',
    turn_id: id(10),
    submission_id: 's10',
    status: 'interrupted',
    cause: 'interrupted',
  };
  await journal.append([end]);
  await idle();
  expect(heard).toEqual([id(11)]);
});
