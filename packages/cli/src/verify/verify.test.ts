import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServer } from '@parleyhq/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProxy } from '../../../conformance/test/start-proxy.js';
import { BIN, environmentWith, isAlive, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** A server of this process. */
async function openServer() {
  const { folder, data } = await temporaryFolder();
  const env = { ...process.env, PARLEY_DEMO_PACE: '1' };
  const server = await createServer({ dataDir: data, port: 0, roots: [folder], env });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  return { folder, data, url, token: server.token };
}

/** A server as an operator starts it, and how to restart it. */
async function serveFor() {
  const { folder, data } = await temporaryFolder();
  const args = ['serve', '--port', '0', '--root', folder, '--data-dir', data, '--log-level', 'silent'];
  const env = { PARLEY_DEMO_PACE: '1' };
  const { said, ended, child } = runParley(args, { env });
  const [, url = ''] = await said('stdout', /listening at (\S+)/);
  const token = readFileSync(join(data, 'access-token'), 'utf8').trim();
  return { ...{ folder, data, url, token, args, env, ended }, pid: child.pid ?? 0 };
}

type Served = Awaited<ReturnType<typeof serveFor>>;

/** A command that kills the server as a crash does and starts it again at its address. */
function restartCommand({ folder, data, url, args, env, pid }: Served): string {
  const again = args.map((arg, index) => (args[index - 1] === '--port' ? new URL(url).port : arg));
  const pidFile = join(folder, 'pid');
  writeFileSync(pidFile, `${pid}`);
  const script = `
    import { spawn } from 'node:child_process';
    import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    const pid = Number(readFileSync(${JSON.stringify(pidFile)}, 'utf8'));
    const isAlive = () => { try { return process.kill(pid, 0); } catch { return false; } };
    process.kill(pid, 'SIGKILL');
    while (isAlive()) await setTimeout(5);
    rmSync(${JSON.stringify(join(data, 'server.json'))}, { force: true });
    const options = { detached: true, stdio: 'ignore', env: { ...process.env, ...${JSON.stringify(env)} } };
    const child = spawn(process.execPath, ${JSON.stringify([BIN, ...again])}, options);
    writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
    child.unref();`;
  const file = join(folder, 'restart.mjs');
  writeFileSync(file, script);
  onTestFinished(async () => {
    const last = Number(readFileSync(pidFile, 'utf8'));
    if (isAlive(last)) process.kill(last, 'SIGKILL');
    // Its parent has ended, so it may be there as a zombie.
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(answers).toBe(false);
  });
  return `${process.execPath} ${file}`;
}

async function sessionsOf({ url, token }: Pick<Served, 'url' | 'token'>): Promise<unknown[]> {
  const response = await fetch(`${url}/api/sessions`, { headers: { Authorization: `Bearer ${token}` } });
  const { sessions } = (await response.json()) as { sessions: unknown[] };
  return sessions;
}

describe('parley verify', () => {
  it('finds that parley serve keeps the contract at level full, and writes every report', async () => {
    const served = await serveFor();
    const { folder, data, url, token } = served;
    const create = ['token', 'create', '--data-dir', data, '--account', 'other', '--scope', 'control'];
    const token2 = (await runHere(create)).stdout.trim();
    const reports = ['junit=r.xml', 'json=r.json', 'html=r.html', 'github'].flatMap((report) => ['--report', report]);
    const restart = restartCommand(served);
    const args = ['verify', url, '--level', 'full', '--strict', '--restart', restart, '--seed', '5', ...reports];
    args.push('--cwd', join(folder, 'work'));
    const env = { PARLEY_TOKEN: token, PARLEY_TOKEN2: token2, GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const { code, stdout, stderr } = await runParley(args, { cwd: folder, env }).ended;
    expect(stdout + stderr).toMatch(
      /reaches level full: \d+ passed, 0 failed, 0 not exercised in .* \(--seed 5\)\.\n$/,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}event variants +\d+ of 20/m);
    const { verdict } = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'));
    expect(verdict).toMatchObject({ reached: 'full', exitCode: 0 });
    expect(readFileSync(join(folder, 'r.xml'), 'utf8')).toMatch(/<testsuites [^>]*failures="0" skipped="0"/);
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('<h1>Level full</h1>');
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('✅ parley verify');
    for (const name of ['r.json', 'r.xml', 'r.html', 'summary.md']) {
      const text = readFileSync(join(folder, name), 'utf8');
      for (const secret of [token, token2]) expect(text.includes(secret), name).toBe(false);
    }
  });

  it('tells apart by its exit code what is broken, not exercised, not reached and not meant', async () => {
    const served = await openServer();
    const cwd = join(served.folder, 'work');
    const run = async (...args: string[]) => {
      if (!args.includes('--cwd')) args.push('--cwd', cwd);
      const { code, stdout, stderr } = await runHere(['verify', ...args], { env: { PARLEY_DATA_DIR: served.data } });
      return [code, `${stdout}${stderr}`] as const;
    };
    expect(await run('--rule', 'rest/health')).toEqual([0, expect.stringContaining('only some rules: 1 passed')]);
    expect(await run('--level', 'full', '--rule', 'rest/restart-log')).toEqual([
      2,
      expect.stringContaining('it needs --restart'),
    ]);
    expect(await run('--rule', 'rest/none')).toEqual([2, expect.stringContaining('--list shows all rules')]);
    expect(await run('--report', 'pdf')).toEqual([2, expect.stringContaining('text, junit, json, html, github')]);
    expect(await run('http://127.0.0.1:1', '--token', 'x')).toEqual([5, expect.stringContaining('cannot be reached')]);
    expect(await run('--cwd', '/var/tmp')).toEqual([5, expect.stringContaining('--cwd')]);
    expect(await sessionsOf(served)).toEqual([]);
  });

  it('shows what is broken with the line of the contract, and a curl line that repeats it without the token', async () => {
    const served = await openServer();
    const proxy = await startProxy(served.url, (answer) => {
      if (answer.path === '/api/health') answer.body = answer.body.replace('{', '{"version":"1.2.3",');
    });
    onTestFinished(() => proxy.close());
    const env = { PARLEY_TOKEN: served.token };
    const args = ['verify', proxy.url, '--cwd', join(served.folder, 'work'), '--rule', 'rest/health'];
    const { code, stdout } = await runParley(args, { env }).ended;
    expect(code).toBe(1);
    expect(stdout).toContain('✗ rest/health: Health needs no credential, and shows the version only with one.');
    expect(stdout).toMatch(
      / {2}expected +no version without a credential\n {2}got +"1\.2\.3"\n {2}says +openapi\.yaml:\d+/,
    );
    expect(stdout).not.toContain(served.token);
    const [, curl = ''] = /^ {2}repeat +(curl .*)$/m.exec(stdout) ?? [];
    // The proxy lives in this process: it must not be blocked.
    const again = await promisify(execFile)('bash', ['-c', `${curl} -s`], {
      env: environmentWith(env) as NodeJS.ProcessEnv,
    });
    expect(again.stdout).toMatch(/^HTTP\/1\.1 200 .*"version":"1\.2\.3"/s);
  });

  it('lists the rules with level and line, and asks no server', async () => {
    const { code, stdout } = await runHere(['verify', '--list', '--level', 'full', '--suite', 'rest']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^rest\/.* {2}(core|agent|full) {2}\S+:\d+ {2}\S/);
    expect(lines.some((line) => line.startsWith('rest/restart-log  full'))).toBe(true);
  });

  it('leaves no session and no folder behind on Ctrl-C', async () => {
    const served = await openServer();
    const cwd = join(served.folder, 'work');
    const env = { PARLEY_TOKEN: served.token };
    const { child, ended } = runParley(['verify', served.url, '--cwd', cwd], { env });
    await expect.poll(() => sessionsOf(served)).not.toEqual([]);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('purged')]);
    expect(await sessionsOf(served)).toEqual([]);
    expect(existsSync(cwd) && execFileSync('ls', [cwd]).toString()).toBe('');
  });
});
