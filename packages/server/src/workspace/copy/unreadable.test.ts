import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/start-server.js';

const script = new URL('../../../test/copy-unreadable.mjs', import.meta.url).pathname;

it('files that the server may not read are left out of a copy, and no patch touches them', async () => {
  const folder = await temporaryFolder();
  const env = { PATH: process.env.PATH, HOME: folder };
  const said = execFileSync(process.execPath, [script, folder], { cwd: folder, env, encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({
    leftOut: ['closed/inside', 'tracked', 'untracked'],
    status: '',
    applied: [],
    conflicts: ['untracked'],
    sizes: [8, 2],
    inside: true,
  });
});
