import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BIN, isAlive, runHere, runParley, temporaryFolder } from '../../test/run-parley.js';

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

it('parley verify finds that parley serve keeps the contract at level full, and writes every report', async () => {
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
  expect(stdout + stderr).toMatch(/reaches level full: \d+ passed, 0 failed, 0 not exercised in .* \(--seed 5\)\.\n$/);
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
