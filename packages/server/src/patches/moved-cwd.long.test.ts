import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

const refusal = (reason: string) => ({
  code: 'PatchConflict',
  details: [{ pointer: '/files/.', message: expect.stringContaining(reason) }],
});

/** A session, and its directory replaced by a link to where it is now: outside of the roots. */
async function openMoved(workspace: 'direct' | 'isolated') {
  const opened = await openHost(undefined, scripted());
  const { host, cwd, folder } = opened;
  const { session_id: session } = await host.create(owner, { cwd, workspace });
  const outside = join(folder, 'outside');
  const turn = async (message: string) => {
    const { answer } = await opened.say(session, message);
    return last(await opened.until(session, endOf(answer.turn_id)), 'turn_completed');
  };
  const move = () => {
    renameSync(cwd, outside);
    symlinkSync(outside, cwd);
  };
  return { ...opened, opened, session, outside, turn, move };
}

it.each(['direct', 'isolated'] as const)(
  'an agent (%s) is not started again in what is a link by now',
  async (workspace) => {
    const { turn, move, outside } = await openMoved(workspace);
    await turn('kill');
    move();
    const before = readdirSync(outside);
    expect(await turn('say hello')).toMatchObject({
      status: 'failed',
      cause: 'agent_unavailable',
      error: { message: expect.stringContaining('is behind a link by now') },
    });
    expect(readdirSync(outside)).toEqual(before);
  },
);

it('an agent is not started again in the place of its copy when that is a link', async () => {
  const { turn, folder, outside, session, host } = await openMoved('isolated');
  await turn('kill');
  mkdirSync(outside);
  const copy = join(folder, 'sessions', session, 'copy');
  renameSync(copy, `${copy}.moved`);
  symlinkSync(outside, copy);
  const end = await turn('say hello');
  expect(end).toMatchObject({
    cause: 'agent_unavailable',
    error: { message: expect.stringContaining('its copy of the') },
  });
  expect(readdirSync(outside)).toEqual([]);
  await host.close(owner, session, { purge: true });
});

it('a patch is neither applied nor reverted where the directory is a link by now', async () => {
  const { host, session, outside, say, until, move } = await openMoved('direct');
  await say(session, 'ask');
  await until(session, is('patch_updated'));
  await host.applyPatch(owner, session, {});
  await until(session, endOf());
  const events = await until(session, is('patch_applied'));
  const { patch_id = '' } = last(events, 'patch_applied') ?? {};
  move();
  await expect(host.revertPatch(owner, session, { patch_id })).rejects.toMatchObject(refusal('behind a link'));
  expect(existsSync(join(outside, 'a.txt'))).toBe(true);
});

it('a patch that waits is not consented to where the directory is a link by now', async () => {
  const { host, session, outside, say, until, move } = await openMoved('direct');
  await say(session, 'ask');
  await until(session, is('patch_updated'));
  move();
  await expect(host.applyPatch(owner, session, {})).rejects.toMatchObject({ code: 'PatchConflict' });
  expect(host.get(owner, session).pending_approvals).toHaveLength(1);
  expect(existsSync(join(outside, 'a.txt'))).toBe(false);
});

it('roots that were narrowed hold for the sessions that were there before', async () => {
  const { opened, session, folder, turn } = await openMoved('isolated');
  const narrow = join(folder, 'narrow');
  mkdirSync(narrow);
  expect(await turn('ask')).toMatchObject({ status: 'completed' });
  await opened.restart({ roots: [narrow] });
  const reason = 'in none of the folders';
  await expect(opened.host.applyPatch(owner, session, {})).rejects.toMatchObject(refusal(reason));
  expect(await turn('say hello')).toMatchObject({ error: { message: expect.stringContaining(reason) } });
});
