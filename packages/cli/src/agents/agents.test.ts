import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from '@parleyhq/server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { isAlive, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** An agent that tells a code on stderr and waits for a person, a minute also without its client. The name of its method is one that a shell would read. */
const WAITS = `
  const authMethods = [{ id: 'it\\'s; me', name: 'Sign in' }];
  const answers = { initialize: { result: { protocolVersion: 1, agentCapabilities: {}, authMethods } } };
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line);
    if (method === 'authenticate') setTimeout(String, 60_000);
    if (method === 'authenticate') return console.error('Enter \\u001b[2JABCD, pid ' + process.pid);
    const refusal = { error: { code: -32000, message: 'Authentication required' } };
    console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(answers[method] ?? refusal) }));
  });`;

/** A configuration in which the demo agent wants a login, and another agent one that nobody finishes. */
async function configure() {
  const { folder, project, data } = await temporaryFolder();
  const login = join(folder, 'login');
  const agents = [
    { name: 'demo', env: { PARLEY_DEMO_LOGIN: login } },
    { name: 'acme', title: 'Acme', command: process.execPath, args: ['-e', WAITS] },
    { name: 'missing', command: '/no/such/command' },
  ];
  const config = join(folder, 'parley.yaml');
  await writeFile(config, JSON.stringify({ agents }));
  return { login, agents, config, project, data, env: { PARLEY_DATA_DIR: data } };
}

/** A server with these agents. */
async function openServer() {
  const configured = await configure();
  const { data, project, agents } = configured;
  const server = await createServer({ dataDir: data, port: 0, roots: [project], agents });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  return { ...configured, url, parley: (...args: string[]) => runHere(args, { env: configured.env, cwd: project }) };
}

describe('parley agents', () => {
  it('lists the agents, and what their last start has shown', async () => {
    const { parley, url } = await openServer();
    const before = (await parley('agents')).stdout;
    expect(before).toMatch(/^NAME +STARTS +CAN +LOGIN, OR WHY IT DOES NOT START\ndemo \(default\) +yes *\n/);
    expect(before).toMatch(/^missing +no +\/no\/such\/command is not an executable file *$/m);
    expect(await parley('run', '--server', url, 'Hello')).toMatchObject({ code: 1 });
    expect((await parley('agents', 'list')).stdout).toMatch(/^demo \(default\) +yes +demo *$/m);
    const lines = (await parley('agents', '--json')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ name: 'demo', login_methods: [expect.objectContaining({ id: 'demo' })] }),
    );
  });

  it('logs in to one, as the run that wanted it said, and the run works then', async () => {
    const { config, project, login, env } = await configure();
    const parley = (...args: string[]) => runHere(args, { env: { ...env, PARLEY_DEMO_PACE: '0' }, cwd: project });
    const run = ['run', '--config', config, '--yes', '/plan'];
    const refused = await parley(...run);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('[AgentLoginRequired]') });
    const [, command = ''] = /^Log in with: parley (.*)$/m.exec(refused.stderr.replaceAll(/\n +/g, '\n')) ?? [];
    expect(command).toBe(`agents login demo --method demo --config ${config}`);
    const done = await parley(...command.split(' '));
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/demo is logged in\.\n$/) });
    expect(existsSync(login)).toBe(true);
    expect(await parley(...run)).toMatchObject({ code: 0 });
  });

  itInAll('shows what the agent wants done, and gives up at Ctrl-C', async () => {
    const { config, project, env } = await configure();
    const wants = await runHere(['run', '--config', config, '--agent', 'acme', 'Hello'], { env, cwd: project });
    expect(wants.stderr).toContain(`login acme --method 'it'\\''s; me' --config`);
    const login = runParley(['agents', 'login', 'acme', '--config', config], { env, cwd: project });
    const [, pid] = await login.said('stdout', /^Enter <U\+001B>\[2JABCD, pid (\d+)$/m);
    login.child.kill('SIGINT');
    expect(await login.ended).toMatchObject({ code: 130 });
    await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false), { timeout: 20_000 });
  });

  it('says what is wrong, and explains itself', async () => {
    const { parley } = await openServer();
    expect(await parley('agents', 'login', 'nobody')).toMatchObject({
      code: 2,
      stderr: 'parley: there is no agent nobody here; parley agents lists those that there are\n',
    });
    expect(await parley('agents', 'login', 'demo', '--method', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected a login method of demo, got x'),
    });
    expect(await parley('agents', '--token', 'wrong')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[Unauthorized]'),
    });
    const { stdout } = await parley('agents', '--help');
    for (const part of ['list', 'login', 'Examples:', 'Exit codes:']) expect(stdout).toContain(part);
    expect((await parley('agents', 'login', '--help')).stdout).toContain('--method');
  });
});
