import { createHash } from 'node:crypto';
import type { Event } from '@parleyhq/contract';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { askedIn, created, id, message, startedTurn } from '../../test/events.js';
import { type OpenedLog, openLog } from '../../test/open-log.js';
import type { EventLog, Snapshot } from '../log/event-log.js';
import { fold, type SessionFold } from './fold.js';
import { encodeFold } from './fold-base.js';
import { createJournal } from './journal.js';
import { readFold, restoreFold } from './read-fold.js';
import { FOLD_VERSION } from './snapshots.js';

const SESSION = id(1);
const logger = pino({ level: 'silent' });
let file: OpenedLog;
let log: EventLog;
beforeEach(async () => {
  file = await openLog();
  log = file.log;
});

/** Writes a session long enough to have had several snapshots, and gives the last of them. */
async function writeLong(sessionId = SESSION): Promise<Snapshot> {
  const journal = createJournal({ sessionId, log, logger, publish: () => undefined });
  await journal.append([created]);
  for (let turn = 10; turn < 40; turn += 1)
    await journal.append([message(turn, 'x'.repeat(10_000)), startedTurn(turn)]);
  await journal.append([askedIn(39)]);
  const snapshot = await log.snapshot(sessionId);
  if (snapshot === undefined) throw new Error('expected a snapshot');
  return snapshot;
}

/** What a start makes of a session, and the cursors that it read from. */
async function restore(): Promise<{ restored: SessionFold | undefined; cursors: number[] }> {
  const cursors: number[] = [];
  const watched: EventLog = {
    ...log,
    read(sessionId, after, limit) {
      cursors.push(after);
      return log.read(sessionId, after, limit);
    },
  };
  return { restored: await restoreFold(watched, SESSION, logger), cursors };
}

describe('a snapshot', () => {
  it('saves a start from reading what it stands for', async () => {
    const { id: last } = await writeLong();
    expect(last).toBeGreaterThan(30);
    const { restored, cursors } = await restore();
    expect(restored).toEqual(await readFold(log, SESSION));
    expect(restored?.state.pending_approvals).toHaveLength(1);
    expect(Math.min(...cursors)).toBe(last - 1);
  });

  const wrong: [string, (snapshot: Snapshot) => Snapshot][] = [
    ['is cut short', ({ text, ...rest }) => ({ ...rest, text: text.slice(0, -1) })],
    ['says something else', ({ text, ...rest }) => ({ ...rest, text: text.replace('owner', 'other') })],
    ['is no text of ours', (snapshot) => ({ ...snapshot, text: '{}' })],
    ['stands for fewer events', (snapshot) => ({ ...snapshot, id: snapshot.id - 1 })],
    ['is ahead of the log', (snapshot) => ({ ...snapshot, id: snapshot.id + 1_000 })],
    ['stands for nothing', (snapshot) => ({ ...snapshot, id: 0 })],
  ];
  it.each(wrong)('that %s changes nothing', async (_, spoil) => {
    await log.saveSnapshot(SESSION, spoil(await writeLong()));
    const { restored, cursors } = await restore();
    expect(restored).toEqual(await readFold(log, SESSION));
    expect(cursors).toContain(0);
  });

  it('of another session changes nothing', async () => {
    await writeLong();
    await log.saveSnapshot(SESSION, await writeLong(id(2)));
    expect((await restore()).cursors).toContain(0);
  });

  it('that is missing changes nothing, and is made at the start that missed it', async () => {
    await writeLong();
    file.execute('DELETE FROM snapshot');
    const first = await restore();
    expect(first.restored).toEqual(await readFold(log, SESSION));
    expect(first.cursors).toContain(0);
    const second = await restore();
    expect(second.restored).toEqual(first.restored);
    expect(second.cursors).not.toContain(0);
  });

  it('of events that are no longer kept gives way to what they led to', async () => {
    await writeLong();
    const base = await readFold(log, SESSION, 62);
    await log.trim(SESSION, 62, encodeFold(base as SessionFold));
    const { restored, cursors } = await restore();
    expect(restored).toEqual(await readFold(log, SESSION));
    expect(restored?.state.latest_event_id).toBe(62);
    expect(cursors).toContain(61);
  });
});

it('a snapshot has another version when the same events lead to another fold', () => {
  const item = { type: 'agent_message' as const, item_id: id(3), content: [] };
  const turn = { turn_id: id(10) };
  const events: Record<Event['type'], Event> = {
    session_created: created,
    session_updated: { type: 'session_updated', title: 'Sorting' },
    submission_accepted: message(10),
    turn_started: startedTurn(10),
    item_started: { type: 'item_started', ...turn, item },
    item_delta: { type: 'item_delta', ...turn, item_id: id(3), delta: { type: 'text', text: 'x' } },
    item_updated: { type: 'item_updated', ...turn, item_id: id(3), changes: { title: 'x' } },
    item_completed: { type: 'item_completed', ...turn, item },
    plan_updated: { type: 'plan_updated', ...turn, entries: [] },
    approval_requested: askedIn(10),
    approval_resolved: {
      type: 'approval_resolved',
      ...turn,
      approval_id: id(1_010),
      outcome: 'selected',
      option_id: 'a',
      by: 'user',
    },
    elicitation_requested: {
      type: 'elicitation_requested',
      ...turn,
      elicitation: { elicitation_id: id(5), mode: 'form', message: 'Which?', requested_at: 1, expires_at: 2 },
    },
    elicitation_resolved: {
      type: 'elicitation_resolved',
      ...turn,
      elicitation_id: id(5),
      action: 'accept',
      by: 'user',
    },
    patch_updated: { type: 'patch_updated', ...turn, patch: null },
    patch_applied: { type: 'patch_applied', patch_id: id(6), files: [], failed: [] },
    patch_reverted: { type: 'patch_reverted', patch_id: id(7), files: [] },
    usage_updated: { type: 'usage_updated', ...turn, usage: { input_tokens: 1 } },
    notice: { type: 'notice', level: 'info', code: 'x', message: 'x' },
    turn_completed: { type: 'turn_completed', ...turn, submission_id: 's10', status: 'completed', cause: 'end_turn' },
    session_closed: { type: 'session_closed', reason: 'requested' },
  };
  let state: SessionFold | undefined;
  const folds = Object.values(events).map((event, index) => {
    state = fold(state, index + 1, 1_000 + index, event);
    return encodeFold(state);
  });
  // Another hash? If an event was added to the list, put the new hash here. If the list is the same, the fold has changed: raise
  // FOLD_VERSION too.
  expect([FOLD_VERSION, createHash('sha256').update(folds.join('\n')).digest('hex').slice(0, 12)]).toEqual([
    3,
    '7c49ea03fa6f',
  ]);
});
