import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import type { Event, EventFrame } from '@parleyhq/contract';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventLog, LogError } from '../log/event-log.js';
import { openSqliteEventLog, type SqliteEventLog } from '../log/sqlite-event-log.js';
import { createSessionHost, type SessionHostOptions } from './create-session-host.js';
import type { Caller, SessionHost } from './session-host.js';

const owner: Caller = { account: 'owner' };
let folder: string;
let cwd: string;
let log: SqliteEventLog;
let host: SessionHost;
/** What befalls appends to the log. */
let trouble: 'none' | 'refused' | 'answer lost';
/** Called before the agent's words are appended. */
let spoken: () => void = () => undefined;

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-host-')));
  cwd = join(folder, 'project');
  mkdirSync(cwd);
  await open();
});
afterEach(async () => {
  await shut();
  rmSync(folder, { recursive: true, force: true });
});

async function open(limits: Partial<SessionHostOptions> = {}): Promise<void> {
  log = await openSqliteEventLog({ path: join(folder, 'log.db') });
  trouble = 'none';
  const troubled: EventLog = {
    ...log,
    async append(...append) {
      if (append[2].some(({ frame }) => frame.includes('"item_delta"'))) spoken();
      const now = trouble;
      if (now === 'refused') throw new LogError('unavailable', 'the disk is full');
      await log.append(...append);
      if (now === 'none') return;
      throw new LogError('unavailable', 'the disk did not answer');
    },
  };
  host = await createSessionHost({
    log: troubled,
    logPatience: 1_000,
    agents: createAgentCatalog({
      agents: [
        { name: 'absent', title: 'Absent', command: join(folder, 'absent') },
        { name: 'mute', title: 'Mute', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] },
      ],
    }),
    logger: pino({ level: 'silent' }),
    defaultAgent: 'demo',
    roots: [cwd],
    folder: join(folder, 'sessions'),
    agentRegistry: join(folder, 'agents'),
    env: { ...process.env, PARLEY_DEMO_PACE: '0' },
    ...limits,
  });
}

async function shut(): Promise<void> {
  await host.drain();
  await log.close();
}

async function created(approval_policy: 'ask' | 'auto' | 'deny' = 'ask'): Promise<string> {
  return (await host.create(owner, { cwd, approval_policy })).session_id;
}

const say = (id: string, content: string) => host.submit(owner, id, { type: 'user_message', content });

/** The whole log of a session, once it has an event that fits. */
async function until(id: string, fits: (event: Event) => boolean): Promise<Event[]> {
  const feed = host.feed(owner, id);
  for (;;) {
    const latest = feed.latest;
    const frames = (await log.read(id, 0, { events: 100_000, bytes: 1e9 })).map(
      ({ frame }) => JSON.parse(frame) as EventFrame,
    );
    expect(frames.map((frame) => frame.id)).toEqual(frames.map((_, index) => index + 1));
    const events = frames.map((frame) => frame.payload);
    if (events.some(fits)) return events;
    await new Promise<void>((resolve) => {
      const stop = feed.watch(() => {
        stop();
        resolve();
      });
      if (feed.latest > latest) {
        stop();
        resolve();
      }
    });
  }
}

const is = (type: Event['type']) => (event: Event) => event.type === type;
const last = <T extends Event['type']>(events: readonly Event[], type: T) =>
  events.findLast((event): event is Extract<Event, { type: T }> => event.type === type);

describe('a session', () => {
  it('does the main job: answer, patch, consent, file, end', async () => {
    const id = await created();
    const { answer } = await say(id, '请帮我实现一个排序函数');
    expect(answer.status).toBe('submitted');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    expect(host.get(owner, id).status).toBe('awaiting_approval');
    const patch = await host.getPatch(owner, id);
    expect(patch).toMatchObject({ exact: true, applicable: true, files: [{ path: 'sort.ts', change: 'added' }] });
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
    const applied = await host.applyPatch(owner, id, { patch_id: patch.patch_id });
    expect(applied).toMatchObject({ status: 'applied', patch_id: patch.patch_id });
    expect(readFileSync(join(cwd, 'sort.ts'), 'utf8')).toContain('export function sort');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'completed',
      cause: 'end_turn',
      turn_id: answer.turn_id,
    });
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'user', decision: 'allow_once' });
    expect(last(events, 'patch_applied')).toMatchObject({
      files: [{ path: 'sort.ts' }],
      failed: [],
      turn_id: answer.turn_id,
    });
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', patch: null, pending_approvals: [], turn_id: null });
  });

  it('takes an applied patch back, and only the last one', async () => {
    writeFileSync(join(cwd, 'sort.ts'), 'old\n');
    const id = await created();
    await say(id, 'sort');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    const { patch_id } = await host.applyPatch(owner, id, {});
    await expect(host.revertPatch(owner, id, { patch_id: id })).rejects.toMatchObject({ code: 'NothingToRevert' });
    expect(await host.revertPatch(owner, id, { patch_id })).toMatchObject({ status: 'reverted' });
    expect(readFileSync(join(cwd, 'sort.ts'), 'utf8')).toBe('old\n');
    await expect(host.revertPatch(owner, id, { patch_id })).rejects.toMatchObject({ code: 'NothingToRevert' });
  });

  it('applies several edits together, and refuses a patch that has been superseded', async () => {
    const id = await created();
    await say(id, '/edits');
    await until(id, (event) => event.type === 'patch_updated' && event.patch?.files.length === 2);
    await expect(host.applyPatch(owner, id, { patch_id: id })).rejects.toMatchObject({ code: 'PatchSuperseded' });
    expect((await host.applyPatch(owner, id, {})).files.map(({ path }) => path).sort()).toEqual([
      'src/greet.ts',
      'src/index.ts',
    ]);
    expect(existsSync(join(cwd, 'src/greet.ts'))).toBe(true);
    await until(id, is('turn_completed'));
    await expect(host.getPatch(owner, id)).rejects.toMatchObject({ code: 'NoPendingPatch' });
  });

  it('gives an approval to the first answer, and writes nothing when it is rejected', async () => {
    const id = await created();
    await say(id, 'sort');
    const asked = last(await until(id, is('approval_requested')), 'approval_requested');
    const approval_id = asked?.approval.approval_id ?? '';
    const answer = { type: 'approval', approval_id } as const;
    await expect(host.submit(owner, id, answer)).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(host.submit(owner, id, { ...answer, option_id: 'none' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/option_id' }],
    });
    await expect(host.submit(owner, id, { ...answer, approval_id: id, decision: 'allow_once' })).rejects.toMatchObject({
      code: 'ApprovalNotFound',
    });
    await host.submit(owner, id, { ...answer, decision: 'reject_once' });
    await expect(host.submit(owner, id, { ...answer, decision: 'allow_once' })).rejects.toMatchObject({
      code: 'ApprovalResolved',
    });
    await until(id, is('turn_completed'));
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
  });

  it.each(['auto', 'deny'] as const)('answers by policy: %s', async (policy) => {
    const id = await created(policy);
    await say(id, 'sort');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'approval_resolved')).toMatchObject({
      by: 'policy',
      decision: policy === 'auto' ? 'allow_once' : 'reject_once',
    });
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(policy === 'auto');
  });

  it('rejects an approval that nobody answers in time', async () => {
    const { session_id: id } = await host.create(owner, { cwd, approval_timeout: 1_000 });
    await say(id, 'sort');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'timeout', decision: 'reject_once' });
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', patch: null });
  });

  it('asks the user, checks the answer against the form, and hands it on', async () => {
    const id = await created();
    await say(id, '/ask');
    const asked = last(await until(id, is('elicitation_requested')), 'elicitation_requested');
    const elicitation_id = asked?.elicitation.elicitation_id ?? '';
    const answer = { type: 'elicitation', elicitation_id, action: 'accept' } as const;
    await expect(host.submit(owner, id, { ...answer, content: { language: 'Cobol' } })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/content/language' }],
    });
    await host.submit(owner, id, { ...answer, content: { language: 'Rust' } });
    const events = await until(id, is('turn_completed'));
    expect(JSON.stringify(last(events, 'item_completed'))).toContain('Rust');
  });

  it('queues messages while a turn runs, and interrupts the one and clears the others', async () => {
    const id = await created();
    const { answer: first } = await say(id, '/wait');
    await until(id, is('turn_started'));
    const { answer: second } = await say(id, 'sort');
    expect(host.get(owner, id).queued_turns).toMatchObject([{ turn_id: second.turn_id }]);
    await host.submit(owner, id, { type: 'interrupt', turn_id: second.turn_id });
    expect(host.get(owner, id).turn_id).toBe(first.turn_id);
    await host.submit(owner, id, { type: 'interrupt', clear_queue: true });
    const events = await until(id, (event) => event.type === 'turn_completed' && event.turn_id === first.turn_id);
    for (const turn_id of [first.turn_id, second.turn_id]) {
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'turn_completed', turn_id, status: 'interrupted' }),
      );
    }
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', queued_turns: [] });
  });

  it('ends the turn of an agent that dies with the facts, and starts it again for the next message', async () => {
    const id = await created('auto');
    await say(id, '/crash');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'failed',
      cause: 'agent_exited',
      error: { code: 'agent_exited', exit_code: 3 },
    });
    const { answer } = await say(id, 'sort');
    await until(id, (event) => event.type === 'turn_completed' && event.turn_id === answer.turn_id);
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(true);
    expect(host.get(owner, id).last_error).toBeNull();
  });

  it.each([
    ['/refuse', { status: 'refused', cause: 'refusal' }],
    ['/fail', { status: 'failed', cause: 'agent_error' }],
    ['/limit', { status: 'limit_reached' }],
  ])('says how a turn ended: %s', async (prompt, end) => {
    const id = await created();
    await say(id, prompt);
    expect(last(await until(id, is('turn_completed')), 'turn_completed')).toMatchObject(end);
  });
});

describe('a host', () => {
  it('shows sessions to their account only, newest first, page by page', async () => {
    const ids = [await created(), await created(), await created()];
    const first = host.list(owner, { limit: 2 });
    expect(first.sessions.map(({ session_id }) => session_id)).toEqual([ids[2], ids[1]]);
    const second = host.list(owner, { limit: 2, cursor: first.next_cursor ?? '' });
    expect(second).toMatchObject({ sessions: [{ session_id: ids[0] }], next_cursor: null });
    expect(host.list({ account: 'other' }, { limit: 2 }).sessions).toEqual([]);
    expect(() => host.get({ account: 'other' }, ids[0] ?? '')).toThrow(/SessionNotFound/);
    expect(() => host.list(owner, { limit: 1, cursor: 'nonsense' })).toThrow(/InvalidRequest/);
  });

  it('names what is wrong with a request, and says why an agent cannot start', async () => {
    await expect(host.create(owner, { cwd: '/' })).rejects.toMatchObject({ details: [{ pointer: '/body/cwd' }] });
    await expect(host.create(owner, { cwd, agent: 'none' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/agent' }],
    });
    await expect(host.create(owner, { cwd, agent: 'absent' })).rejects.toMatchObject({ code: 'AgentUnavailable' });
    expect(host.openSessions).toBe(0);
  });

  it('gives the first answer to a repeated command, and refuses another body', async () => {
    const caller = { ...owner, idempotencyKey: 'once' };
    const [one, two] = await Promise.all([host.create(caller, { cwd }), host.create(caller, { cwd })]);
    expect(two.session_id).toBe(one.session_id);
    await expect(host.create(caller, { cwd, title: 'other' })).rejects.toMatchObject({ code: 'IdempotencyConflict' });
    const id = one.session_id;
    const message = { type: 'user_message', content: 'sort', submission_id: 's1' } as const;
    const first = await host.submit(owner, id, message);
    expect(await host.submit(owner, id, message)).toMatchObject({ answer: first.answer, repeated: true });
    await shut();
    await open();
    expect(await host.submit(owner, id, message)).toMatchObject({ answer: first.answer, repeated: true });
    expect((await host.create(caller, { cwd })).session_id).toBe(id);
  });

  it('takes up after a stop: history whole, the running turn ended, the queue going on', async () => {
    const id = await created('auto');
    const { answer: first } = await say(id, '/wait');
    await until(id, is('turn_started'));
    const { answer: second } = await say(id, 'sort');
    const before = await log.read(id, 0, { events: 1_000, bytes: 1e9 });
    await shut();
    await open();
    const events = await until(id, (event) => event.type === 'turn_completed' && event.turn_id === second.turn_id);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'turn_completed', turn_id: first.turn_id, cause: 'server_stopping' }),
    );
    expect((await log.read(id, 0, { events: before.length, bytes: 1e9 })).map(({ frame }) => frame)).toEqual(
      before.map(({ frame }) => frame),
    );
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(true);
  });

  it('calls off the start of an agent when it stops', async () => {
    const creating = expect(host.create(owner, { cwd, agent: 'mute' })).rejects.toMatchObject({ code: 'Unavailable' });
    await expect.poll(() => existsSync(join(folder, 'agents')) && readdirSync(join(folder, 'agents')).length).toBe(1);
    await shut();
    await creating;
    expect(readdirSync(join(folder, 'agents'))).toEqual([]);
    await open();
  });

  it('stops while a turn is about to start', async () => {
    const id = await created();
    await say(id, 'sort');
    await shut();
    await open();
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'interrupted', cause: 'server_stopping' });
  });

  it('closes a session once, however often it is asked, and reverts nothing after', async () => {
    const id = await created();
    await say(id, 'sort');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    const { patch_id } = await host.applyPatch(owner, id, {});
    await Promise.all([host.close(owner, id, { purge: false }), host.close(owner, id, { purge: false })]);
    const { frames } = await host.history(owner, id, 0, 1_000);
    expect(frames.filter((frame) => frame.includes('"type":"session_closed"'))).toHaveLength(1);
    await expect(host.revertPatch(owner, id, { patch_id })).rejects.toMatchObject({ code: 'SessionClosed' });
    await expect(host.applyPatch(owner, id, {})).rejects.toMatchObject({ code: 'SessionClosed' });
  });

  it('reverts a patch once when it is asked twice at the same time', async () => {
    const id = await created();
    await say(id, 'sort');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    const { patch_id } = await host.applyPatch(owner, id, {});
    const answers = await Promise.allSettled([
      host.revertPatch(owner, id, { patch_id }),
      host.revertPatch(owner, id, { patch_id }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(answers[1]).toMatchObject({ reason: { code: 'NothingToRevert' } });
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
  });

  it('closes a session: its turns end, it takes nothing more, and its history stays until it is purged', async () => {
    const id = await created();
    const running = await say(id, '/wait');
    await until(id, is('turn_started'));
    const queued = await say(id, 'sort');
    await host.close(owner, id, { purge: false });
    await host.close(owner, id, { purge: false });
    const { frames } = await host.history(owner, id, 0, 1_000);
    const cause = 'session_closed';
    expect(frames.slice(-3).map((frame) => (JSON.parse(frame) as EventFrame).payload)).toMatchObject([
      { type: 'turn_completed', turn_id: running.answer.turn_id, status: 'interrupted', cause },
      { type: 'turn_completed', turn_id: queued.answer.turn_id, status: 'interrupted', cause },
      { type: 'session_closed' },
    ]);
    await expect(say(id, 'hello')).rejects.toMatchObject({ code: 'SessionClosed' });
    await host.close(owner, id, { purge: true });
    expect(() => host.get(owner, id)).toThrow(/SessionNotFound/);
  });

  it('refuses a cursor ahead of the log', async () => {
    const id = await created();
    await expect(host.history(owner, id, 99, 10)).rejects.toMatchObject({ code: 'CursorAhead' });
    expect(() => host.feed(owner, id, 99)).toThrow(/CursorAhead/);
  });

  it('holds to its limits', async () => {
    await shut();
    await open({ maxSessions: 1, maxQueuedTurns: 1 });
    const id = await created();
    await expect(created()).rejects.toMatchObject({ code: 'TooManySessions' });
    await say(id, '/wait');
    await until(id, is('turn_started'));
    await say(id, 'one');
    await expect(say(id, 'two')).rejects.toMatchObject({ code: 'QueueFull' });
  });
});

describe('retention', () => {
  it.each([
    ['size', { maxSize: 2_000 }],
    ['age', { maxAge: 1 }],
  ])('by %s forgets events, and nothing of what they led to', async (_, retention) => {
    const id = await created('auto');
    await until(id, is('session_updated'));
    await say(id, '/edits');
    await until(id, is('turn_completed'));
    const before = host.get(owner, id);
    await shut();
    await open({ retention, retentionInterval: 20 });
    const feed = host.feed(owner, id);
    await expect.poll(() => feed.earliest).toBeGreaterThan(2);
    expect(feed.latest).toBe(before.latest_event_id);
    await expect(host.history(owner, id, 0, 10)).rejects.toMatchObject({ code: 'CursorExpired' });
    expect(() => host.feed(owner, id, 0)).toThrow(/CursorExpired/);
    expect((await host.history(owner, id, feed.earliest - 1, 1)).frames[0]).toContain(`"id":${feed.earliest}`);
    await shut();
    await open();
    expect(host.get(owner, id)).toEqual(before);
    const { answer } = await say(id, '/refuse');
    expect(answer.event_id).toBe(before.latest_event_id + 1);
  });
});

describe('a log that cannot be written', () => {
  const toTenThousand = Array.from({ length: 10_000 }, (_, index) => index + 1);
  const numbersIn = (events: readonly Event[]) => {
    const item = last(events, 'item_completed')?.item;
    const deltas = events.map((event) => (event.type === 'item_delta' ? event.delta : undefined));
    const started = last(events, 'item_started')?.item;
    expect(item?.item_id).toBe(started?.item_id);
    const first = started?.type === 'agent_message' ? started.content : [];
    const texts = [...first, ...deltas].map((part) => (part?.type === 'text' ? part.text : ''));
    return texts.join('').split(' ').filter(Boolean).map(Number);
  };

  async function flooded(): Promise<{ id: string; turnId: string | undefined }> {
    const id = await created();
    const speaking = new Promise<void>((resolve) => {
      spoken = () => {
        trouble = 'refused';
        spoken = () => undefined;
        resolve();
      };
    });
    const { answer } = await say(id, '/flood');
    await speaking;
    await expect(say(id, 'hello')).rejects.toMatchObject({ code: 'Unavailable' });
    // An append that was under way may still succeed.
    await expect.poll(() => host.degraded).toBe(true);
    return { id, turnId: answer.turn_id };
  }

  it('holds the agent back for a while, and nothing is lost', async () => {
    const { id } = await flooded();
    trouble = 'none';
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'completed' });
    expect(numbersIn(events)).toEqual(toTenThousand);
    expect(host.degraded).toBe(false);
  });

  it('ends the turn once it can be written, and takes the next message', async () => {
    const { id, turnId } = await flooded();
    const { frames } = await host.history(owner, id, 0, 100_000);
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        // The agent is ended when patience is.
        if (!existsSync(join(folder, 'agents')) || readdirSync(join(folder, 'agents')).length > 0) return;
        clearInterval(look);
        resolve();
      }, 50);
    });
    trouble = 'none';
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'failed',
      cause: 'log_unavailable',
      turn_id: turnId,
    });
    expect((await host.history(owner, id, 0, frames.length)).frames).toEqual(frames);
    const { answer } = await say(id, '/refuse');
    await until(id, (event) => event.type === 'turn_completed' && event.turn_id === answer.turn_id);
  });

  it('finds out what was written after all when an answer was lost', async () => {
    const id = await created();
    await until(id, is('session_updated'));
    trouble = 'answer lost';
    const { answer } = await say(id, '/flood');
    const events = await until(id, (event) => event.type === 'turn_completed' && event.turn_id === answer.turn_id);
    expect(events.filter(is('submission_accepted'))).toHaveLength(1);
    expect(numbersIn(events)).toEqual(toTenThousand);
  });
});
