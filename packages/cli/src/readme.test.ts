import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createServer, type ParleyServer } from '@parleyhq/server';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
// Inside a package, so that the snippets resolve what they import as a user's code does.
const snippets = join(repository, 'packages/cli/dist/snippets');
const readme = readFileSync(join(repository, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { scripts: object };

let folder: string;
let project: string;
let server: ParleyServer;
let url: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-readme-')));
  project = join(folder, 'project');
  mkdirSync(project);
  mkdirSync(snippets, { recursive: true });
  server = await createServer({ dataDir: join(folder, 'data'), port: 0, roots: [project] });
  url = (await server.listen()).url;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
  rmSync(snippets, { recursive: true });
});

function blocksOf(language: string): string[] {
  const found = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const blocks = found.flatMap(([, of, block]) => (of === language && block !== undefined ? [block] : []));
  expect(blocks.length).toBeGreaterThan(0);
  return blocks;
}

/** The snippet as a reader would have it, with their server, project and token. */
function filledIn(snippet: string): string {
  return snippet
    .replaceAll('http://127.0.0.1:8080', url)
    .replaceAll('/path/to/project', project)
    .replaceAll('~/.parley', server.dataDir);
}

/** Runs a snippet as a shell does that stops at the first failure. */
function bash(snippet: string, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return promisify(execFile)('bash', ['-euo', 'pipefail', '-c', snippet], options);
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const probe = createNetServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('the README', () => {
  it('has an application that compiles and does the main job', async () => {
    const source = filledIn(blocksOf('ts').join('\n'));
    writeFileSync(join(snippets, 'application.ts'), source);
    const strict = '--noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node'.split(' ');
    const lib = ['--lib', 'es2023,esnext.disposable,dom,dom.iterable'];
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, ...strict, ...lib, 'application.ts'], { cwd: snippets, stdio: 'inherit' });
    const { code } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm' });
    writeFileSync(join(snippets, 'application.mjs'), code);
    const env = { ...process.env, PARLEY_TOKEN: server.token, PARLEY_DATA_DIR: server.dataDir };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [join(snippets, 'application.mjs')], { env });
    expect(stdout).toContain('+export function sort<T>');
    expect(stdout).toContain('completed (end_turn)');
    expect(stdout).toMatch(/^found [0-9a-f-]{36}: idle$/m);
    expect(stdout).toMatch(/^1 session_created$/m);
    expect(stdout).toMatch(/^go on after event \d+$/m);
    expect(existsSync(join(project, 'sort.ts'))).toBe(true);
  }, 240_000);

  it('has a curl command that creates a session', async () => {
    const [curl] = blocksOf('sh').filter((block) => block.includes('curl'));
    const { stdout } = await bash(filledIn(curl ?? ''));
    expect(JSON.parse(stdout)).toMatchObject({ cwd: project, agent: 'demo', status: 'idle' });
  });

  it('has commands for a terminal that do what it says', async () => {
    const [run = '', sessions = ''] = blocksOf('sh').filter((block) => block.includes('parley run'));
    const [definition = ''] = /^parley\(\).*$/m.exec(run) ?? [];
    const env = { ...process.env, PARLEY_DEMO_PACE: '1' };
    // What is built is what is tested.
    const alone = filledIn(run).replace('npm run build', 'cd .');
    const { stdout } = await bash(alone, { cwd: repository, env });
    expect(stdout).toContain('✓ completed');
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ payload: { status: 'completed' } });
    expect(existsSync(join(project, 'src/greet.ts'))).toBe(true);

    const known = { ...env, PARLEY_SERVER: url, PARLEY_DATA_DIR: server.dataDir };
    const listed = await bash(`${definition}\n${filledIn(sessions)}`, { cwd: repository, env: known });
    expect(listed.stdout).toMatch(
      /The session goes on: parley run --session (\S+) [\s\S]*\n\1 {2}idle [\s\S]*\n\1 purged\n/,
    );
  }, 240_000);

  it('has commands on tokens that do what they say', async () => {
    const [definition = ''] = /^parley\(\).*$/m.exec(readme) ?? [];
    const [tokens = ''] = blocksOf('sh').filter((block) => block.includes('parley token'));
    const env = { ...process.env, PARLEY_DATA_DIR: server.dataDir };
    const { stdout } = await bash(`${definition}\n${filledIn(tokens)}`, { cwd: repository, env });
    expect(stdout).toMatch(/^parley_[\w-]{43}\nID .*\n([0-9a-f]{16}) {2}ci [\s\S]*listening at [\s\S]*\n\1 revoked\n$/);
    expect(stdout).toContain(url);
  }, 240_000);

  it('has commands that hold a server to the contract', async () => {
    const [definition = ''] = /^parley\(\).*$/m.exec(readme) ?? [];
    const [verify = ''] = blocksOf('sh').filter((block) => block.startsWith('parley verify'));
    const report = join(folder, 'contract.html');
    const snippet = filledIn(verify).replaceAll('contract.html', report);
    const env = { ...process.env, PARLEY_DATA_DIR: server.dataDir };
    const { stdout } = await bash(`${definition}\n${snippet}`, { cwd: repository, env });
    expect(stdout).toMatch(/ reaches level agent: \d+ passed, 0 failed, 0 not exercised /);
    expect(stdout).toMatch(/^rest\/restart-log {2}full {2}PROTOCOL\.md:\d+ /m);
    expect(readFileSync(report, 'utf8')).toContain('<h1>Level agent</h1>');
  }, 240_000);

  it('has a GitHub workflow whose commands do what it says', async () => {
    const [block = ''] = blocksOf('yaml').filter((block) => block.includes('jobs:'));
    const { jobs } = parse(block) as { jobs: { verify: { steps: { run?: string; uses?: string }[] } } };
    const { steps } = jobs.verify;
    for (const { run, uses } of steps) expect(run ?? uses).toMatch(/\S/);
    const runs = steps.flatMap(({ run }) => (run === undefined || run === 'npm ci' ? [] : [run]));
    expect(runs).toHaveLength(3);
    const work = join(folder, 'workflow');
    mkdirSync(work);
    symlinkSync(join(repository, 'node_modules'), join(work, 'node_modules'));
    const port = await freePort();
    const env = {
      ...{ ...process.env, RUNNER_TEMP: join(folder, 'runner'), GITHUB_STEP_SUMMARY: join(work, 'summary.md') },
      ...{ PARLEY_PORT: String(port), PARLEY_DATA_DIR: join(folder, 'workflow-data') },
    };
    mkdirSync(env.RUNNER_TEMP);
    try {
      const { stdout } = await bash(runs.join('\n').replaceAll(':8080', `:${port}`), { cwd: work, env });
      expect(stdout).toMatch(/ reaches level agent: \d+ passed, 0 failed, 0 not exercised /);
    } finally {
      process.kill(Number(readFileSync(join(env.PARLEY_DATA_DIR, 'server.pid'), 'utf8')), 'SIGTERM');
    }
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('✅ parley verify');
    expect(existsSync(join(work, 'contract.html'))).toBe(true);
  }, 240_000);

  it('has a test of the contract that vitest runs', async () => {
    writeFileSync(join(snippets, 'contract.test.js'), filledIn(blocksOf('js').join('\n')));
    writeFileSync(join(snippets, 'vitest.config.mjs'), 'export default {};\n');
    const env = { ...process.env, PARLEY_TOKEN: server.token, NO_COLOR: '1' };
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [vitest, 'run', '--maxWorkers=1'], { cwd: snippets, env });
    expect(stdout).toMatch(/Tests {2}\d+ passed \(\d+\)/);
  }, 240_000);

  it('has agents of the operator that a server takes', async () => {
    const [block = ''] = blocksOf('yaml').filter((block) => block.startsWith('agents:'));
    const { agents } = parse(block) as { agents: { name: string }[] };
    const other = await createServer({ dataDir: join(folder, 'other'), port: 0, roots: [project], agents });
    const names = other.agents.list().map(({ name }) => name);
    await other.close();
    expect(names).toEqual(expect.arrayContaining(agents.map(({ name }) => name)));
  });

  it('names scripts, options and files that there are', () => {
    for (const [, script] of readme.matchAll(/npm run (\w+)/g)) expect(scripts).toHaveProperty(script ?? '');
    for (const [, path] of readme.matchAll(/^\| `([\w/]+)` \|/gm)) {
      expect(existsSync(join(repository, path ?? ''))).toBe(true);
    }
    const help = [['serve'], ['run'], ['verify'], ['sessions', 'list'], ['sessions', 'close'], ['token', 'create']]
      .map((command) =>
        execFileSync(process.execPath, [join(repository, 'packages/cli/bin/parley.js'), ...command, '--help']),
      )
      .join();
    const options = [...readme.matchAll(/`(--[a-z-]+)`/g)].map(([, option]) => option);
    expect(options.length).toBeGreaterThan(5);
    for (const option of options) expect(help).toContain(option);
  });
});
