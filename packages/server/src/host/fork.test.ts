import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

/** A host whose demo agent keeps its sessions in the folder of the test. */
async function open() {
  const opened = await openHost(undefined, (folder) => ({
    env: { ...process.env, PARLEY_DEMO_PACE: '0', PARLEY_DEMO_SESSIONS: join(folder, 'kept') },
  }));
  const { say, until } = opened;
  const turn = async (id: string, content: string) => {
    const { answer } = await say(id, content);
    return until(id, endOf(answer.turn_id));
  };
  return Object.assign(opened, { turn });
}

describe('a fork', () => {
  it('has the settings of its session, says where it comes from, and goes its own way', async () => {
    const { host, cwd, turn, until } = await open();
    const settings = { title: 'One', metadata: { a: 1 }, approval_timeout: 5_000, model: 'claude-3-sonnet' };
    const { session_id } = await host.create(owner, { cwd, ...settings });
    await turn(session_id, '/plan');
    const { latest_event_id } = host.get(owner, session_id);
    const fork = await host.fork(owner, session_id, { after_event_id: latest_event_id });
    const forked_from = { session_id, event_id: latest_event_id };
    expect(fork).toMatchObject({ ...settings, cwd, forked_from, status: 'idle' });
    const [created] = await until(fork.session_id, ({ type }) => type === 'session_created');
    expect(created).toMatchObject({ type: 'session_created', forked_from });
    await turn(fork.session_id, '/refuse');
    expect(host.get(owner, session_id).latest_event_id).toBe(latest_event_id);
  });

  itInAll('of a session that has said nothing is a new conversation', async () => {
    const { host, cwd, turn } = await open();
    const { session_id } = await host.create(owner, { cwd });
    const fork = await host.fork(owner, session_id, {});
    expect((await turn(fork.session_id, '/refuse')).at(-1)).toMatchObject({ status: 'refused' });
  });

  it('is made once for a key, and survives a restart', async () => {
    const opened = await open();
    const { session_id } = await opened.host.create(owner, { cwd: opened.cwd });
    const caller = { ...owner, idempotencyKey: '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f08' };
    const [one, two] = await Promise.all([
      opened.host.fork(caller, session_id, {}),
      opened.host.fork(caller, session_id, {}),
    ]);
    await opened.restart();
    const three = await opened.host.fork(caller, session_id, {});
    expect([two.session_id, three.session_id]).toEqual([one.session_id, one.session_id]);
    expect(opened.host.get(owner, one.session_id).forked_from).toEqual(one.forked_from);
  });

  it('is refused while a turn runs, at another place than the end, of a closed session, and by an agent that cannot', async () => {
    const { host, cwd, say, until } = await open();
    const { session_id } = await host.create(owner, { cwd });
    const { answer } = await say(session_id, '/wait');
    await until(session_id, ({ type }) => type === 'turn_started');
    await expect(host.fork(owner, session_id, {})).rejects.toMatchObject({ code: 'SessionBusy' });
    await host.submit(owner, session_id, { type: 'interrupt' });
    await until(session_id, endOf(answer.turn_id));
    await expect(host.fork(owner, session_id, { after_event_id: 1 })).rejects.toMatchObject({
      code: 'UnsupportedByAgent',
      details: [{ pointer: '/body/after_event_id' }],
    });
    await host.close(owner, session_id, { purge: false });
    await expect(host.fork(owner, session_id, {})).rejects.toMatchObject({ code: 'SessionClosed' });
    await expect(host.fork({ account: 'other' }, session_id, {})).rejects.toMatchObject({ code: 'SessionNotFound' });
    const unable = await openHost(undefined, scripted());
    const state = await unable.host.create(owner, { cwd: unable.cwd });
    await expect(unable.host.fork(owner, state.session_id, {})).rejects.toMatchObject({ code: 'UnsupportedByAgent' });
  });

  it('of a copy is a copy with the same patch, which lands when the first session is gone', async () => {
    const { host, cwd, turn } = await open();
    await writeFile(join(cwd, 'mine.txt'), 'mine\n');
    const { session_id } = await host.create(owner, { cwd, workspace: 'isolated' });
    await turn(session_id, 'Write a sort function');
    const patch = await host.getPatch(owner, session_id);
    const fork = await host.fork(owner, session_id, {});
    expect(fork.patch).toMatchObject({ files: [{ path: 'sort.ts' }] });
    const copied = await host.getPatch(owner, fork.session_id);
    expect(copied.diff).toBe(patch.diff);
    await host.close(owner, session_id, { purge: true });
    await host.applyPatch(owner, fork.session_id, {});
    expect(await readFile(join(cwd, 'sort.ts'), 'utf8')).toContain('export function sort');
    expect(await readFile(join(cwd, 'mine.txt'), 'utf8')).toBe('mine\n');
  });

  itInAll('of a copy has of its patches what is pending, not what was applied', async () => {
    const { host, cwd, turn } = await open();
    const { session_id } = await host.create(owner, { cwd, workspace: 'isolated' });
    await turn(session_id, 'Write a sort function');
    await host.applyPatch(owner, session_id, {});
    const fork = await host.fork(owner, session_id, {});
    expect(fork.patch).toBeNull();
    await expect(host.getPatch(owner, fork.session_id)).rejects.toMatchObject({ code: 'NoPendingPatch' });
    expect((await turn(fork.session_id, '/refuse')).at(-1)).toMatchObject({ status: 'refused' });
  });
});
