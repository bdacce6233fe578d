import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import type { EventFrame } from '@parleyhq/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';

async function openSession(approval_policy: 'ask' | 'auto' | 'deny' = 'ask') {
  const opened = await openHost();
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd, approval_policy });
  return Object.assign(opened, { id });
}

describe('a host', () => {
  it('shows sessions to their account only, newest first, page by page', async () => {
    const { host, cwd } = await openHost();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await host.create(owner, { cwd })).session_id);
    const first = host.list(owner, { limit: 2 });
    expect(first.sessions.map(({ session_id }) => session_id)).toEqual([ids[2], ids[1]]);
    const second = host.list(owner, { limit: 2, cursor: first.next_cursor ?? '' });
    expect(second).toMatchObject({ sessions: [{ session_id: ids[0] }], next_cursor: null });
    expect(host.list({ account: 'other' }, { limit: 2 }).sessions).toEqual([]);
    expect(() => host.get({ account: 'other' }, ids[0] ?? '')).toThrow(/SessionNotFound/);
    expect(() => host.list(owner, { limit: 1, cursor: 'nonsense' })).toThrow(/InvalidRequest/);
  });

  it.each(['My own', undefined])(
    'keeps the title that was given, and takes one of the agent for none: %s',
    async (title) => {
      const opened = await openHost();
      const given = title === undefined ? {} : { title };
      const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd, ...given });
      const turn = async (content: string) => {
        const { answer } = await opened.say(id, content);
        return opened.until(id, endOf(answer.turn_id));
      };
      await turn('/refuse');
      await opened.restart();
      const events = await turn('/refuse again');
      expect(opened.host.get(owner, id).title).toBe(title ?? '/refuse again');
      const titled = events.filter((event) => event.type === 'session_updated' && event.title !== undefined);
      expect(titled).toHaveLength(title === undefined ? 2 : 0);
    },
  );

  it('starts many agents at once, and nobody is warned of a leak', async () => {
    const { host, cwd } = await openHost(undefined, {
      agents: createAgentCatalog({ agents: [{ name: 'demo', in_memory: true }] }),
    });
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    await Promise.all(Array.from({ length: 20 }, () => host.create(owner, { cwd })));
    expect(host.openSessions(owner)).toBe(20);
    expect(warnings).toEqual([]);
  });

  it('names what is wrong with a request, and says why an agent cannot start', async () => {
    const { host, cwd } = await openHost(undefined, (folder) => ({
      agents: createAgentCatalog({ agents: [{ name: 'absent', command: join(folder, 'absent') }] }),
    }));
    await expect(host.create(owner, { cwd: '/' })).rejects.toMatchObject({ details: [{ pointer: '/body/cwd' }] });
    await expect(host.create(owner, { cwd, agent: 'none' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/agent' }],
    });
    await expect(host.create(owner, { cwd, agent: 'absent' })).rejects.toMatchObject({ code: 'AgentUnavailable' });
    expect(host.openSessions(owner)).toBe(0);
  });

  it('gives the first answer to a repeated command, and refuses another body', async () => {
    const opened = await openHost();
    const { host, cwd } = opened;
    const caller = { ...owner, idempotencyKey: 'once' };
    const [one, two] = await Promise.all([host.create(caller, { cwd }), host.create(caller, { cwd })]);
    expect(two.session_id).toBe(one.session_id);
    await expect(host.create(caller, { cwd, title: 'other' })).rejects.toMatchObject({ code: 'IdempotencyConflict' });
    const id = one.session_id;
    const message = { type: 'user_message', content: 'sort', submission_id: 's1' } as const;
    const first = await host.submit(owner, id, message);
    expect(await host.submit(owner, id, message)).toMatchObject({ answer: first.answer, repeated: true });
    await opened.restart();
    expect(await opened.host.submit(owner, id, message)).toMatchObject({ answer: first.answer, repeated: true });
    expect((await opened.host.create(caller, { cwd })).session_id).toBe(id);
  });

  it('takes up after a stop: history whole, the running turn ended, the queue going on', async () => {
    const opened = await openSession('auto');
    const { id, cwd, say, until } = opened;
    const { answer: first } = await say(id, '/wait');
    await until(id, is('turn_started'));
    const { answer: second } = await say(id, 'sort');
    const before = await opened.host.history(owner, id, 0, 1_000);
    await opened.restart();
    const events = await until(id, endOf(second.turn_id));
    expect(events.find(endOf(first.turn_id))).toMatchObject({ status: 'interrupted', cause: 'server_stopping' });
    const after = await opened.host.history(owner, id, 0, before.frames.length);
    expect(after.frames).toEqual(before.frames);
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(true);
  });

  it('calls off the start of an agent when it stops', async () => {
    const mute = { name: 'mute', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
    const opened = await openHost(undefined, { agents: createAgentCatalog({ agents: [mute] }) });
    const { folder, host, cwd } = opened;
    const creating = expect(host.create(owner, { cwd, agent: 'mute' })).rejects.toMatchObject({ code: 'Unavailable' });
    await expect.poll(() => existsSync(join(folder, 'agents')) && readdirSync(join(folder, 'agents')).length).toBe(1);
    await opened.restart();
    await creating;
    expect(readdirSync(join(folder, 'agents'))).toEqual([]);
  });

  it('stops while a turn is about to start', async () => {
    const { id, say, until, restart } = await openSession();
    await say(id, 'sort');
    await restart();
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'interrupted', cause: 'server_stopping' });
  });

  it('closes a session once, however often it is asked, and reverts nothing after', async () => {
    const { id, host, say, until } = await openSession();
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
    const { id, host, cwd, say, until } = await openSession();
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
    const { id, host, say, until } = await openSession();
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
    const { id, host } = await openSession();
    await expect(host.history(owner, id, 99, 10)).rejects.toMatchObject({ code: 'CursorAhead' });
    expect(() => host.feed(owner, id, 99)).toThrow(/CursorAhead/);
  });

  it('holds to its limits', async () => {
    const { host, cwd, say, until } = await openHost(undefined, { limits: { maxSessions: 1, maxQueuedTurns: 1 } });
    const { session_id: id } = await host.create(owner, { cwd });
    await expect(host.create(owner, { cwd })).rejects.toMatchObject({ code: 'TooManySessions' });
    await say(id, '/wait');
    await until(id, is('turn_started'));
    await say(id, 'one');
    await expect(say(id, 'two')).rejects.toMatchObject({ code: 'QueueFull' });
  });
});
