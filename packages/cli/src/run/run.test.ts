import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@parleyhq/client';
import { strictEventFrame } from '@parleyhq/contract';
import { createServer } from '@parleyhq/server';
import { afterAll, describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { isAlive, leftBehind, type ParleyOptions, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** A project, a folder for temporary files, and `parley run` in them. */
async function openProject() {
  const { folder, project, data } = await temporaryFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const within = ({ env, ...options }: ParleyOptions = {}): ParleyOptions => ({
    ...{ cwd: project, ...options, env: { PARLEY_DEMO_PACE: '1', TMPDIR: temporary, ...env } },
  });
  const start = (args: readonly string[], options?: ParleyOptions) => runParley(['run', ...args], within(options));
  const run = (args: readonly string[], options?: ParleyOptions) => runHere(['run', ...args], within(options));
  return { folder, project, data, temporary, start, run, left: () => leftBehind(temporary) };
}

// One server for all tests whose command needs none of its own. Its agent `crashing` is a process.
const root = await realpath(await mkdtemp(join(tmpdir(), 'parley-run-')));
const server = await createServer({
  ...{ dataDir: join(root, 'data'), port: 0, roots: [root], env: { ...process.env, PARLEY_DEMO_PACE: '1' } },
  agents: [
    { name: 'demo', in_memory: true },
    { name: 'crashing', preset: 'demo' },
  ],
});
const { url } = await server.listen();
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** A project of the server, and what `parley` has to be told to reach it. */
async function openServer() {
  const project = await mkdtemp(join(root, 'project-'));
  const within = (options: ParleyOptions = {}): ParleyOptions => ({ cwd: project, ...options });
  const { token } = server;
  const get = async (path: string) =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).text();
  return {
    ...{ project, url, token, get },
    env: { PARLEY_SERVER: url, PARLEY_DATA_DIR: server.dataDir },
    start: (args: readonly string[], options?: ParleyOptions) => runParley(['run', ...args], within(options)),
    run: (args: readonly string[], options?: ParleyOptions) => runHere(['run', ...args], within(options)),
  };
}

/** The payloads of what `--json` printed, each a frame that fits the contract. */
function payloadsOf(stdout: string) {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const frame = JSON.parse(line);
      expect(strictEventFrame(frame)).toMatchObject({ ok: true });
      return frame.payload;
    });
}

describe('parley run --json', () => {
  itInAll("takes up a session of the agent's own", async () => {
    const { run, env, project, token } = await openServer();
    await using client = createClient({ baseUrl: url, token });
    const session = await client.sessions.create({ cwd: project });
    await (await session.submit('/plan')).completed();
    const { sessions } = await client.sessions.ofAgent('demo', { cwd: project });
    await session.close();
    const id = sessions[0]?.agent_session_id ?? '';
    const { stdout } = await run(['--json', '--resume-agent-session', id, '/limit'], { env });
    const starts = payloadsOf(stdout).filter(({ type }) => type === 'turn_started');
    expect(starts.map(({ origin }) => origin)).toEqual(['imported', undefined]);
    expect(await run(['--resume-agent-session', 'none', '/limit'], { env })).toMatchObject({ code: 2 });
  });

  it('prints the frames of the log byte for byte, from the first on, and nothing else', async () => {
    const { start, env, get, project } = await openServer();
    const { code, stdout, stderr } = await start(['--json', '--yes', '/edits'], { env }).ended;
    expect([code, stderr]).toEqual([0, '']);
    const payloads = payloadsOf(stdout);
    expect(payloads.at(0).type).toBe('session_created');
    expect(payloads.at(-1)).toMatchObject({ type: 'turn_completed', status: 'completed' });
    expect(payloads.map(({ type }) => type)).toContain('patch_applied');
    const history = await get(`/api/sessions/${payloads[0].session_id}/history?limit=1000`);
    expect(history).toContain(`[${stdout.trimEnd().split('\n').join(',')}]`);
    expect(existsSync(join(project, 'src/greet.ts'))).toBe(true);
  });

  itInAll('never asks: without --yes everything is rejected once, and questions are cancelled', async () => {
    const { run, project, left } = await openProject();
    const edits = await run(['--json', '/edits']);
    expect(edits.code).toBe(0);
    expect(edits.stderr).toMatch(/^parley: The patch was not applied: there is no terminal to ask at .*--yes/);
    const resolved = payloadsOf(edits.stdout).filter(({ type }) => type === 'approval_resolved');
    expect(resolved.map(({ decision }) => decision)).toEqual(['reject_once', 'reject_once']);
    expect(existsSync(join(project, 'src'))).toBe(false);

    const ask = await run(['--json', '--yes', '/ask']);
    expect(payloadsOf(ask.stdout)).toContainEqual(
      expect.objectContaining({ type: 'elicitation_resolved', action: 'cancel' }),
    );

    const command = await run(['--json', '/approve']);
    expect(command.stderr).toMatch(/^parley: Rejected: node -e .*: there is no terminal to ask at/);
    const allowed = await run(['--json', '--yes', '/approve']);
    const answer = payloadsOf(allowed.stdout).find(({ type }) => type === 'approval_resolved');
    expect(answer).toMatchObject({ decision: 'allow_once', by: 'user' });
    expect(await left()).toEqual([]);
  });

  itInAll('ends when nobody reads any more', async () => {
    const { start, env } = await openServer();
    const { child, said, ended } = start(['--json', '/wait'], { env });
    await said('stdout', /session_created/);
    child.stdout?.destroy();
    child.kill('SIGINT'); // makes it write again
    expect([130, 141]).toContain((await ended).code);
  });
});

describe('parley run', () => {
  itInAll('prints plain text where there is no terminal, with whole lines', async () => {
    const { run } = await openProject();
    const { code, stdout } = await run(['/command']);
    expect(code).toBe(0);
    expect(stdout).toContain('│ line 1 of 3, node v');
    expect(stdout).toMatch(/▸ node -e for .* i \* 20\) ✓\n/);
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  itInAll('reads the message from standard input', async () => {
    const { start, env } = await openServer();
    for (const args of [['-'], []]) {
      const { code, stdout } = await start(args, { input: '/refuse\n', env }).ended;
      expect(code).toBe(1);
      expect(stdout).toContain('I cannot do that.');
      expect(stdout).toContain('✗ refused (refusal)');
    }
    expect(await start([], { input: ' \n', env }).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('had none'),
    });
  });

  itInAll('says how a turn failed, with the end of what the agent wrote to stderr', async () => {
    const { run, env } = await openServer();
    const { code, stdout } = await run(['--agent', 'crashing', '/crash'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ failed \(agent_exited\): .*exit code 3\n {2}│ The demo agent ends with exit code 3/);
  });

  it('ends a turn that has used up its budget, and says so', async () => {
    const { run, env, get } = await openServer();
    const { code, stdout } = await run(['--budget', 'seconds=1,turns=5', '--budget', 'cost=0.5', '/wait'], { env });
    expect(code).toBe(1);
    expect(stdout).toContain('✗ limit_reached (budget): the budget of the session is spent\n');
    const [, id = ''] = /The session goes on: parley run --session (\S+) "…"/.exec(stdout) ?? [];
    expect(JSON.parse(await get(`/api/sessions/${id}`)).budget).toEqual({ seconds: 1, turns: 5, cost: 0.5 });
  });

  it('answers by rule, rejections first, and asks nobody then', async () => {
    const { run, env, get, project } = await openServer();
    const rules = ['--allow', 'kind=edit,path=src/**', '--reject', 'path=**/index.ts', '--ask', 'command=a,b'];
    const { code, stdout } = await run([...rules, '--yes', '/edits'], { env });
    expect(code).toBe(0);
    expect([existsSync(join(project, 'src/greet.ts')), existsSync(join(project, 'src/index.ts'))]).toEqual([
      true,
      false,
    ]);
    const [, id = ''] = /The session goes on: parley run --session (\S+) "…"/.exec(stdout) ?? [];
    expect(JSON.parse(await get(`/api/sessions/${id}`)).approval_rules).toEqual([
      { path: '**/index.ts', action: 'reject_once' },
      { command: 'a,b', action: 'ask' },
      { kind: 'edit', path: 'src/**', action: 'allow_once' },
    ]);
  });

  itInAll('keeps the rules of the file of --config, whatever is allowed', async () => {
    const { run, folder } = await openProject();
    const config = join(folder, 'parley.yaml');
    await writeFile(config, "approval_rules: [{ command: 'node *', action: reject_once }]");
    const { stdout } = await run(['--config', config, '--allow', 'kind=execute', '--json', '--yes', '/approve']);
    const resolved = payloadsOf(stdout).find(({ type }) => type === 'approval_resolved');
    expect(resolved).toMatchObject({ decision: 'reject_once', rule: { of: 'operator', index: 0 } });
  });

  itInAll('continues a session of a server', async () => {
    const { run, env, get } = await openServer();
    const first = await run(['/command'], { env });
    const [, id = ''] = /The session goes on: parley run --session (\S+) "…"/.exec(first.stdout) ?? [];
    const second = await run(['--session', id, '--json', '/plan'], { env });
    const payloads = payloadsOf(second.stdout);
    expect(payloads[0]).toMatchObject({ type: 'submission_accepted', submission: { content: '/plan' } });
    expect(payloads.at(-1)?.type).toBe('turn_completed');
    expect(JSON.parse(await get(`/api/sessions/${id}`))).toMatchObject({ session_id: id, status: 'idle' });
    const unknown = await run(['--session', id.replace(/./g, '0'), 'hello'], { env });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/^parley: .*\[SessionNotFound\]\n$/) });
  });

  it('interrupts its turn on a server when it is ended', async () => {
    const { start, env, url, token } = await openServer();
    const { child, said, ended } = start(['--json', '/wait'], { env });
    const [, id = ''] = await said('stdout', /"session_id":"([^"]+)"[\s\S]*item_delta/);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    await using client = createClient({ baseUrl: url, token });
    const session = await client.sessions.get(id);
    for await (const event of session.events({ after: 0 })) {
      if (event.type !== 'turn_completed') continue;
      expect(event).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
      break;
    }
  });

  itInAll('leaves no process and no file behind, however it is ended', async () => {
    const { folder, start, left } = await openProject();
    const agent = fileURLToPath(new URL('../../test/obstinate-agent.mjs', import.meta.url));
    const config = join(folder, 'parley.yaml');
    await writeFile(
      config,
      JSON.stringify({ agents: [{ name: 'obstinate', command: process.execPath, args: [agent] }] }),
    );
    const { child, said, ended } = start(['--config', config, '--agent', 'obstinate', 'begin']);
    const [, pid] = await said('stdout', /I am process (\d+)\./);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(isAlive(Number(pid))).toBe(false);
    expect(await left()).toEqual([]);
  });

  it('says what is wrong with an option or a request', async () => {
    const { run, project, left } = await openProject();
    const cases: [string[], number, RegExp][] = [
      [['--server', 'nowhere', 'hi'], 2, /^parley: --server: expected an address such as http:.*, got nowhere/],
      [['--server', 'ftp://host', 'hi'], 2, /^parley: --server: /],
      [['--agent', 'nobody', 'hi'], 2, /^parley: .*nobody.*\[InvalidRequest\]/s],
      [['--cwd', join(project, 'nowhere'), 'hi'], 2, /^parley: --cwd: expected an existing folder/],
      [['--budget', 'turns=1,seconds=1.5', 'hi'], 2, /--budget.*Expected turns, seconds.*; got seconds=1.5/],
      [['--allow', 'read', 'hi'], 2, /--allow.*Expected kind, command or path, .*; got read/],
      [['--session', 'x', '--isolated', 'hi'], 2, /cannot be used with option '--isolated'/],
      [['hello', 'world'], 2, /too many arguments[\s\S]*parley run --help tells more/],
    ];
    for (const [args, exit, message] of cases) {
      const { code, stderr } = await run(args);
      expect([args, code]).toEqual([args, exit]);
      expect(stderr).toMatch(message);
    }
    expect(await left()).toEqual([]);
  });

  it('says that a server cannot be reached or does not let one in', async () => {
    const { run, env, url, token, project } = await openServer();
    const wrong = await run(['hi'], { env: { ...env, PARLEY_TOKEN: 'wrong' } });
    expect(wrong).toMatchObject({ code: 5, stderr: expect.stringMatching(/^parley: .*\[Unauthorized\]\n$/) });
    const none = await run(['hi'], { env: { ...env, PARLEY_DATA_DIR: join(project, 'none') } });
    expect(none).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/access token of the server cannot be read: .*none/),
    });
    expect((await run(['hi', '--server', url, '--token', token])).code).toBe(0);

    const port = await new Promise<number>((resolve) => {
      const closed = createNetServer().listen(0, '127.0.0.1', () => {
        const address = closed.address();
        closed.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const gone = await run(['hi', '--server', `http://127.0.0.1:${port}`, '--token', token]);
    expect(gone).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^parley: the server cannot be reached: .*ECONNREFUSED/),
    });
  });

  it('never sends the token of this machine to another', async () => {
    const { run, env } = await openServer();
    const elsewhere = await run(['hi'], { env: { ...env, PARLEY_SERVER: 'http://parley.invalid' } });
    expect(elsewhere).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^parley: --token: expected the access token/),
    });
  });

  it('explains itself to a stranger', async () => {
    const { code, stdout } = await runHere(['run', '--help']);
    expect(code).toBe(0);
    for (const part of [
      'Examples:',
      'Exit codes:',
      'Ctrl-C',
      'PARLEY_TOKEN',
      'PARLEY_SERVER',
      '--isolated',
      '--json',
    ]) {
      expect(stdout).toContain(part);
    }
  });
});
