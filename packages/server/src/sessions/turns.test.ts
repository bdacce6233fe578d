import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent, AgentTurn, AgentTurnResult } from '@parleyhq/agents';
import { AgentError } from '@parleyhq/agents';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { created, id, message } from '../../test/events.js';
import { openSqliteEventLog, type SqliteEventLog } from '../log/sqlite-event-log.js';
import type { AgentSlot } from './agent-slot.js';
import { createJournal, type Journal } from './journal.js';
import { createTurns, type Turns } from './turns.js';

const logger = pino({ level: 'silent' });
let folder: string;
let log: SqliteEventLog;
let journal: Journal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-turns-'));
  log = await openSqliteEventLog({ path: join(folder, 'log.db') });
  journal = createJournal({ sessionId: id(1), log, logger, publish: () => undefined });
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
  };
  return createTurns({
    journal,
    slot,
    logger,
    begin: () => undefined,
    settle: async () => undefined,
    cancellations: () => ({ events: [], released: () => undefined }),
    interruptGrace: 10,
  });
}

const completed: AgentTurnResult = { stopReason: 'end_turn', status: 'completed', cause: 'end_turn' };

it('a turn begins in the log before the agent hears of it', async () => {
  const begun: (string | null)[] = [];
  const turns = openTurns(async () => {
    begun.push(journal.durable.state.turn_id);
    return completed;
  });
  await journal.append([message(10), message(11)]);
  turns.next();
  while (journal.durable.queue.length > 0 || journal.durable.state.turn_id !== null) {
    await new Promise((resolve) => setImmediate(resolve));
  }
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
  turns.interrupt(undefined);
  while (journal.durable.state.turn_id !== null) await new Promise((resolve) => setImmediate(resolve));
  const frames = await log.read(id(1), 3, { events: 10, bytes: 1e6 });
  expect(frames.map(({ frame }) => JSON.parse(frame).payload)).toMatchObject([
    { type: 'turn_completed', turn_id: id(10), status: 'interrupted', cause: 'interrupted' },
  ]);
});
