import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServer } from '@parleyhq/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startProxy } from '../../../conformance/test/start-proxy.js';
import { environmentWith, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

/** A server of this process. */
async function openServer() {
  const { folder, data } = await temporaryFolder();
  const env = { ...process.env, PARLEY_DEMO_PACE: '1' };
  const agents = [{ name: 'demo', in_memory: true }];
  const server = await createServer({ dataDir: data, port: 0, roots: [folder], agents, env });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  return { folder, data, url, token: server.token };
}

async function sessionsOf({ url, token }: { readonly url: string; readonly token: string }): Promise<unknown[]> {
  const response = await fetch(`${url}/api/sessions`, { headers: { Authorization: `Bearer ${token}` } });
  const { sessions } = (await response.json()) as { sessions: unknown[] };
  return sessions;
}

describe('parley verify', () => {
  it('writes every report that is asked for, with no token in any', async () => {
    const { folder, data, url, token } = await openServer();
    const reports = ['junit=r.xml', 'json=r.json', 'html=r.html', 'github'].flatMap((report) => ['--report', report]);
    const args = ['verify', url, '--suite', 'rest', '--level', 'core', '--rule', 'rest/health', ...reports];
    args.push('--cwd', join(folder, 'work'), '--seed', '5');
    const env = { PARLEY_TOKEN: token, PARLEY_DATA_DIR: data, GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const { code, stdout, stderr } = await runParley(args, { cwd: folder, env }).ended;
    expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('only some rules: 1 passed')]);
    expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8')).verdict).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(folder, 'r.xml'), 'utf8')).toMatch(/<testsuites [^>]*failures="0" skipped="0"/);
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('<h1>Some rules: all passed</h1>');
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toContain('✅ parley verify');
    for (const name of ['r.json', 'r.xml', 'r.html', 'summary.md'])
      expect(readFileSync(join(folder, name), 'utf8').includes(token), name).toBe(false);
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

  itInAll(
    'shows what is broken with the line of the contract, and a curl line that repeats it without the token',
    async () => {
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
    },
  );

  it('lists the rules with level and line, and asks no server', async () => {
    const { code, stdout } = await runHere(['verify', '--list', '--level', 'full', '--suite', 'rest']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^rest\/.* {2}(core|agent|full) {2}\S+:\d+ {2}\S/);
    expect(lines.some((line) => line.startsWith('rest/restart-log  full'))).toBe(true);
  });

  itInAll('leaves no session and no folder behind on Ctrl-C', async () => {
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
