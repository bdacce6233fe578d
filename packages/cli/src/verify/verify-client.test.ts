import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runHere } from '../../test/run-parley.js';

const PLAIN = `'${execPath}' '${fileURLToPath(new URL('../../../conformance/test/plain-client.mjs', import.meta.url))}'`;

it('tells of a client that keeps a rule, and ends with 0', async () => {
  const { code, stdout } = await verify('--client', PLAIN, '--rule', 'client/gap', '--seed', '4');
  expect(stdout).toContain('only some rules: 1 passed, 0 failed, 0 not exercised');
  expect(code).toBe(0);
});

it('shows how a client breaks a rule, and ends with 1', async () => {
  const { code, stdout } = await verify('--client', `${PLAIN} skips`, '--rule', 'client/gap');
  expect(stdout).toMatch(/✗ client\/gap: An event that does not follow/);
  expect(stdout).toMatch(/says +PROTOCOL\.md:\d+/);
  expect(stdout).toMatch(/sent +\d+ ms {2}handshake 1/);
  expect(stdout).toContain('only some rules: 0 passed, 1 failed');
  expect(code).toBe(1);
});

it('lists the rules for clients', async () => {
  const { code, stdout } = await verify('--client', 'true', '--list');
  expect(stdout).toMatch(/^client\/gap {2}PROTOCOL\.md:\d+ {2}An event that does not follow/m);
  expect(code).toBe(0);
});

it('refuses a rule that there is none of, and options of a server', async () => {
  expect(await verify('--client', 'true', '--rule', 'client/none')).toMatchObject({ code: 2 });
  expect((await verify('--client', 'true', '--restart', 'true')).stderr).toContain("'--restart <command>'");
});

function verify(...args: string[]) {
  return runHere(['verify', ...args]);
}
