import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '@parleyhq/contract';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { askedIn, createdIn, id, message, startedTurn } from '../../test/events.js';
import { openHost, owner } from '../../test/open-host.js';
import { createJournal } from '../journal/journal.js';

const SESSION = id(1);

/** A host over the log that a server left which was killed after these events. */
function openAfterCrash(...events: Event[]) {
  return openHost(async (log, cwd) => {
    const logger = pino({ level: 'silent' });
    const journal = createJournal({ sessionId: SESSION, log, logger, publish: () => undefined });
    await journal.append([createdIn(cwd), ...events]);
  });
}

const ended = (turn: number) => (event: Event) => event.type === 'turn_completed' && event.turn_id === id(turn);

describe('after a crash', () => {
  it('a server ends the turn that ran, with what it asked, and does not give it to the agent again', async () => {
    const { cwd, host, say, until } = await openAfterCrash(message(10, 'sort'), startedTurn(10), askedIn(10));
    const { turn_id: next = '' } = (await say(SESSION, '/refuse')).answer;
    const events = await until(SESSION, (event) => event.type === 'turn_completed' && event.turn_id === next);
    expect(events.slice(4, 6)).toMatchObject([
      { type: 'approval_resolved', approval_id: id(1_010), by: 'server', outcome: 'cancelled' },
      { type: 'turn_completed', turn_id: id(10), submission_id: 's10', status: 'failed', cause: 'server_restarted' },
    ]);
    expect(events.filter(({ type }) => type === 'turn_started')).toMatchObject([
      { turn_id: id(10) },
      { turn_id: next },
    ]);
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
    expect(host.get(owner, SESSION)).toMatchObject({ status: 'idle', pending_approvals: [], queued_turns: [] });
  });

  it('a server ends the turn that the agent had begun, and gives the agent what came meanwhile', async () => {
    const own = { ...startedTurn(10), submission_id: id(10), origin: 'agent' } as const;
    const { host, until } = await openAfterCrash(own, askedIn(10), message(11, '/refuse'));
    const events = await until(SESSION, ended(11));
    expect(events.slice(4, 7)).toMatchObject([
      { type: 'approval_resolved', approval_id: id(1_010), by: 'server', outcome: 'cancelled' },
      { ...own, type: 'turn_completed', status: 'failed', cause: 'server_restarted' },
      { type: 'turn_started', turn_id: id(11) },
    ]);
    expect(host.get(owner, SESSION)).toMatchObject({ status: 'idle', pending_approvals: [], queued_turns: [] });
  });

  it('a server goes on with what was queued, in its order and each once', async () => {
    const queued = [message(11, '/refuse'), message(12, 'sort')];
    const { cwd, until } = await openAfterCrash(message(10, '/wait'), startedTurn(10), ...queued);
    const events = await until(SESSION, ended(12));
    const started = events.flatMap((event) => (event.type === 'turn_started' ? [event.turn_id] : []));
    expect(started).toEqual([id(10), id(11), id(12)]);
    const ends = events.flatMap((event) => (event.type === 'turn_completed' ? [[event.turn_id, event.status]] : []));
    expect(ends).toEqual([
      [id(10), 'failed'],
      [id(11), 'refused'],
      [id(12), 'completed'],
    ]);
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(true);
  });

  it('a server ends the turn of a message that the agent may have taken into the one that ran', async () => {
    const steering = { ...message(11, '/refuse'), steers: id(10) };
    const { until } = await openAfterCrash(message(10, '/wait'), startedTurn(10), steering, message(12, '/refuse'));
    const events = await until(SESSION, ended(12));
    const ends = events.flatMap((event) => (event.type === 'turn_completed' ? [[event.turn_id, event.cause]] : []));
    expect(ends).toEqual([
      [id(10), 'server_restarted'],
      [id(11), 'server_restarted'],
      [id(12), 'refusal'],
    ]);
  });

  it('a session that was closed stays closed', async () => {
    const { host, say } = await openAfterCrash({ type: 'session_closed', reason: 'requested' });
    expect(host.feed(owner, SESSION).state).toBe('ended');
    await expect(say(SESSION, 'hello')).rejects.toMatchObject({ code: 'SessionClosed' });
  });
});
