import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strictResponseValidators } from '@parleyhq/contract';
import { expect, it } from 'vitest';
import { startServer } from '../../test/start-server.js';

it('a session in an isolated workspace, from prompt to file and back, with a plain client', async () => {
  const { send, project } = await startServer();
  const { agents } = (await send('GET', '/api/agents')).body;
  expect(agents[0]).toMatchObject({ name: 'demo', workspaces: ['direct', 'isolated'] });
  const created = await send('POST', '/api/sessions', { body: { cwd: project, workspace: 'isolated' } });
  expect(created).toMatchObject({ status: 201, body: { cwd: project, workspace: 'isolated', patch: null } });
  const path = `/api/sessions/${created.body.session_id}`;

  await send('POST', `${path}/submit`, { body: { type: 'user_message', content: '请帮我实现一个排序函数' } });
  // Idle it is before the turn as well.
  const told = async () => {
    const { status, patch } = (await send('GET', path)).body;
    return status === 'idle' && patch !== null;
  };
  await expect.poll(told).toBe(true);
  const file = join(project, 'sort.ts');
  expect(existsSync(file)).toBe(false);

  const latest = async () => (await send('GET', path)).body.latest_event_id;
  const before = await latest();
  const { status, body: patch } = await send('GET', `${path}/patch`);
  // To look at something writes nothing down.
  expect(await latest()).toBe(before);
  expect(status).toBe(200);
  expect(strictResponseValidators.getPatch[200](patch)).toMatchObject({ ok: true });
  expect(patch).toMatchObject({ files: [{ path: 'sort.ts', change: 'added' }], exact: true, applicable: true });
  const { patch_id } = patch;

  writeFileSync(file, 'mine\n');
  const refused = await send('POST', `${path}/apply_patch`, { body: { patch_id } });
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'PatchConflict', details: [{ pointer: '/files/sort.ts' }] },
  });
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
  const stale = await send('POST', `${path}/apply_patch`, { body: { patch_id: created.body.session_id } });
  expect(stale).toMatchObject({ status: 409, body: { code: 'PatchSuperseded' } });

  const again = await send('GET', `${path}/patch`);
  expect(again.body).toMatchObject({ patch_id, applicable: false });
  rmSync(file);
  const applied = await send('POST', `${path}/apply_patch`, { body: { patch_id } });
  expect(applied).toMatchObject({ status: 200, body: { status: 'applied', patch_id, files: patch.files } });
  expect(readFileSync(file, 'utf8')).toContain('export function sort');

  const reverted = await send('POST', `${path}/revert_patch`, { body: { patch_id } });
  expect(reverted).toMatchObject({ status: 200, body: { status: 'reverted', patch_id, files: patch.files } });
  expect(existsSync(file)).toBe(false);
  expect((await send('DELETE', `${path}?purge=true`)).status).toBe(204);
});

it('a directory that cannot be copied is refused, and named', async () => {
  const { send, project } = await startServer();
  execFileSync('git', ['init', '-q'], { cwd: project });
  const refused = await send('POST', '/api/sessions', { body: { cwd: join(project, '.git'), workspace: 'isolated' } });
  expect(refused).toMatchObject({ status: 400, body: { code: 'InvalidRequest', details: [{ pointer: '/body/cwd' }] } });
});
