import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/start-server.js';

const script = new URL('../../../test/copy-unreadable.mjs', import.meta.url).pathname;

it('a copy leaves out what the server may not read; no patch touches that, or a directory that it may not write', async () => {
  const folder = await temporaryFolder();
  const env = { PATH: process.env.PATH, HOME: folder };
  const said = execFileSync(process.execPath, [script, folder], { cwd: folder, env, encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({
    leftOut: ['closed/inside', 'tracked', 'untracked'],
    status: '',
    unwritable: [expect.stringContaining('EACCES')],
    applied: [],
    conflicts: ['untracked'],
    sizes: [8, 2],
    inside: true,
  });
});
