import { execFile, spawn } from 'node:child_process';
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
import { promisify } from 'node:util';
import { createServer } from '@parleyhq/server';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { ALL, itInAll } from '../../../scripts/test-forms.js';
import { type Block, blocks, listPrograms, pages, readPage, repository } from '../test/pages.js';
import { BIN, environmentWith, runHere } from '../test/run-parley.js';
import { readConfigFile } from './serve/config-file.js';

/**
 * What the pages for users say is done, as they say it, against one server:
 *
 * - `ts`: a program; see `listPrograms`. It compiles in strict mode, and ends with 0.
 * - `js`: a test of vitest.
 * - `sh`: commands, which end with 0. What npm does is left out: the scripts that are named are there.
 * - `yaml`: a workflow of GitHub (it has `jobs:`), whose commands end with 0; or else what `--config` takes.
 * - any other language, `console` for instance: only to be read.
 *
 * `http://127.0.0.1:8080`, `/path/to/project` and `~/.parley` stand for the reader's own server, project and data. What a block
 * prints, and changes, is expected in EXPECTED.
 */

const execute = promisify(execFile);
// Inside a package, so that the programs resolve what they import as a user's code does.
const snippets = join(repository, 'packages/cli/dist/snippets');
const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { scripts: object };
/** `npm test` does what README.md says, `npm run test:all` what every page says. */
const isTried = ({ page }: Block) => ALL || page === 'README.md';
const programs = listPrograms();
const shells = blocks.filter(({ language }) => language === 'sh');
/** Without blocks whose every line stands in another one, which is run: a command that is begun costs seconds. */
const commands = shells.filter(
  (block) => !shells.some((other) => other.text.length > block.text.length && isPartOf(block, other)),
);
const workflows = blocks.filter(({ language, text }) => language === 'yaml' && /^jobs:/m.test(text));
const configurations = blocks.filter(({ language, text }) => language === 'yaml' && !/^jobs:/m.test(text));

/** A few rules of each suite: the whole kit is run by its own tests. */
const RULES = ['rest/health', 'rest/created-session', 'events/ack'];

/** What is done in place of npm's work; everything is built and installed. */
const NPM = /^(npm|git clone|cd) .*$/gm;

interface Done {
  readonly stdout: string;
  readonly project: string;
  /** Where commands are run. */
  readonly work: string;
}

/** What the block that has this text prints, or does besides. */
const EXPECTED: readonly (readonly [text: string, expected: (done: Done) => void])[] = [
  [
    'await turn.completed()',
    ({ stdout, project }) => {
      expect(stdout).toContain('+export function sort<T>');
      expect(stdout).toContain('completed (end_turn)');
      expect(existsSync(join(project, 'sort.ts'))).toBe(true);
    },
  ],
  ['createClient.local(', ({ stdout }) => expect(stdout).toMatch(/^found [0-9a-f-]{36}: idle$/m)],
  [
    '.events({ after: 0',
    ({ stdout }) => {
      expect(stdout).toMatch(/^1 session_created$/m);
      expect(stdout).toMatch(/^go on after event \d+$/m);
    },
  ],
  [
    'curl -X POST',
    ({ stdout, project }) => expect(JSON.parse(stdout)).toMatchObject({ cwd: project, agent: 'demo', status: 'idle' }),
  ],
  [
    '--yes --json "/edits"',
    ({ stdout, project }) => {
      expect(stdout).toContain('✓ completed');
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      expect(last).toMatchObject({ payload: { status: 'completed' } });
      expect(existsSync(join(project, 'src/greet.ts'))).toBe(true);
    },
  ],
  [
    'parley sessions close --purge',
    ({ stdout }) =>
      expect(stdout).toMatch(
        /The session goes on: parley run --session (\S+) [\s\S]*\n\1 {2}idle [\s\S]*\n\1 purged\n/,
      ),
  ],
  [
    'parley token create',
    ({ stdout }) => {
      expect(stdout).toMatch(
        /^parley_[\w-]{43}\nID .*\n([0-9a-f]{16}) {2}ci [\s\S]*listening at [\s\S]*\n\1 revoked\n$/,
      );
      expect(stdout).toContain(url);
    },
  ],
  [
    'parley verify --list',
    ({ stdout, work }) => {
      expect(stdout).toMatch(/only some rules: \d+ passed, 0 failed, 0 not exercised /);
      expect(stdout).toMatch(/^rest\/restart-log {2}full {2}PROTOCOL\.md:\d+ /m);
      expect(readFileSync(join(work, 'contract.html'), 'utf8')).toContain('<h1>Some rules: all passed</h1>');
    },
  ],
];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-pages-')));
mkdirSync(snippets, { recursive: true });
// It is there before the tests are collected: a block of JavaScript adds tests of its own.
const server = await createServer({
  ...{ dataDir: join(folder, 'data'), port: 0, roots: [folder] },
  env: { ...process.env, PARLEY_DEMO_PACE: '1' },
});
const { url } = await server.listen();
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
  rmSync(snippets, { recursive: true });
});

/** A folder for a block, in which commands find what a reader has in a clone, and a project in it. */
function createFolders({ page, line }: Block): { work: string; project: string } {
  const work = join(folder, `${page.replaceAll('/', '-')}-${line}`);
  const project = join(work, 'project');
  mkdirSync(project, { recursive: true });
  for (const name of ['packages', 'examples', 'node_modules']) symlinkSync(join(repository, name), join(work, name));
  return { work, project };
}

/** The text as a reader would have it. */
function fillIn(text: string, project: string): string {
  return text
    .replaceAll('http://127.0.0.1:8080', url)
    .replaceAll('/path/to/project', project)
    .replaceAll('~/.parley', server.dataDir)
    .replaceAll(/parley verify (?!--(list|client))/g, `$&--level core ${RULES.map((id) => `--rule ${id} `).join('')}`);
}

/** Runs commands as a shell does that stops at the first failure; what serves is ended once it listens. */
async function runShell(text: string, work: string, env: NodeJS.ProcessEnv): Promise<string> {
  mkdirSync(join(work, 'bin'));
  symlinkSync(BIN, join(work, 'bin/parley'));
  const child = spawn('bash', ['-euo', 'pipefail', '-c', text], {
    ...{ cwd: work, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...env, PATH: `${join(work, 'bin')}:${process.env.PATH}` },
  });
  let stdout = '';
  let stderr = '';
  const serves = /^(npx )?parley serve (?!.*(--help|&$))/m.test(text);
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
    if (serves && stdout.includes('Ctrl-C ends the server')) process.kill(-(child.pid ?? 0), 'SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', (status, signal) => resolve(status ?? signal)));
  expect(serves ? [0, 'SIGTERM'] : [0], stderr).toContain(code);
  return stdout;
}

function checkExpected(block: Block, done: Done): void {
  for (const [text, expected] of EXPECTED) if (block.text.includes(text)) expected(done);
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const probe = createNetServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function isPartOf(block: Block, other: Block): boolean {
  const lines = other.text.split('\n');
  return block.text.split('\n').every((line) => lines.includes(line));
}

const named = (all: readonly Block[]) => all.map((block) => [`${block.page}:${block.line}`, block] as const);

describe('a program of the pages', () => {
  const sources = new Map<Block, { work: string; project: string; file: string; source: string }>();
  beforeAll(async () => {
    for (const [index, program] of programs.entries()) {
      const { work, project } = createFolders(program);
      const file = join(snippets, `program-${index}`);
      const source = fillIn(program.text, project);
      writeFileSync(`${file}.ts`, source);
      sources.set(program, { work, project, file, source });
    }
  });

  itInAll('compiles in strict mode', async () => {
    // The folder has a tsconfig.json, which is that of this package.
    const options =
      '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node'.split(' ');
    const lib = ['--lib', 'es2023,esnext.disposable,dom,dom.iterable'];
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const files = [...sources.values()].map(({ file }) => `${file}.ts`);
    const { stdout } = await execute(process.execPath, [tsc, ...options, ...lib, ...files]).catch((error) => error);
    expect(stdout).toBe('');
  });

  it.each(named(programs.filter(isTried)))('does its work: %s', async (_, program) => {
    const { work, project, file, source } = sources.get(program) ?? { work: '', project: '', file: '', source: '' };
    const { code } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm' });
    writeFileSync(`${file}.mjs`, code);
    const env = environmentWith({ PARLEY_TOKEN: server.token, PARLEY_DATA_DIR: server.dataDir });
    const { stdout } = await execute(process.execPath, [`${file}.mjs`], { cwd: work, env: env as NodeJS.ProcessEnv });
    checkExpected(program, { stdout, project, work });
  });
});

describe('commands of the pages', () => {
  it.each(named(commands.filter(isTried)))('do what they say: %s', async (_, block) => {
    for (const [, script = ''] of block.text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(script);
    const { work, project } = createFolders(block);
    const text = fillIn(block.text, project).replace(NPM, '');
    if (text.trim() === '') return;
    const env = environmentWith({
      ...{ PARLEY_DEMO_PACE: '1', PARLEY_SERVER: url, PARLEY_PORT: '0' },
      PARLEY_DATA_DIR: /parley serve/.test(text) ? join(work, 'data') : server.dataDir,
    });
    // A run that names no server is to have one of its own.
    if (!text.includes('parley sessions')) delete env.PARLEY_SERVER;
    checkExpected(block, { stdout: await runShell(text, work, env as NodeJS.ProcessEnv), project, work });
  });
});

it.each(named(workflows.filter(isTried)))(
  'a workflow of the pages has commands that do what it says: %s',
  async (_, block) => {
    const { jobs } = parse(block.text) as { jobs: Record<string, { steps: { run?: string; uses?: string }[] }> };
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    for (const { run, uses } of steps) expect(run ?? uses).toMatch(/\S/);
    const { work, project } = createFolders(block);
    const port = await freePort();
    const env = {
      ...environmentWith({ PARLEY_PORT: String(port), PARLEY_DATA_DIR: join(work, 'data') }),
      ...{ RUNNER_TEMP: join(work, 'runner'), GITHUB_STEP_SUMMARY: join(work, 'summary.md') },
    };
    mkdirSync(env.RUNNER_TEMP);
    const here = (text: string) => text.replaceAll(':8080', `:${port}`).replace(NPM, '');
    const text = fillIn(here(steps.flatMap(({ run }) => run ?? []).join('\n')), project);
    try {
      const stdout = await runShell(text, work, env as NodeJS.ProcessEnv);
      expect(stdout).toMatch(/only some rules: \d+ passed, 0 failed, 0 not exercised /);
    } finally {
      process.kill(Number(readFileSync(join(work, 'data/server.pid'), 'utf8')), 'SIGTERM');
    }
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('✅ parley verify');
    expect(existsSync(join(work, 'contract.html'))).toBe(true);
  },
);

describe('a configuration of the pages', () => {
  it.each(named(configurations))('is one that a server takes: %s', async (_, block) => {
    const { work, project } = createFolders(block);
    const file = join(work, 'parley.yaml');
    writeFileSync(file, fillIn(block.text, project));
    const { agents = [], limits } = await readConfigFile(file);
    const options = { dataDir: join(work, 'data'), port: 0, roots: [project], agents, limits };
    const other = await createServer(options);
    const names = other.agents.list().map(({ name }) => name);
    await other.close();
    expect(names).toEqual(expect.arrayContaining(agents.map(({ name }) => name)));
  });
});

describe('a test of the pages', async () => {
  beforeAll(() => void vi.stubEnv('PARLEY_TOKEN', server.token));
  afterAll(() => void vi.unstubAllEnvs());
  // It is taken into this run of vitest: `describeContract` adds its tests to this group.
  for (const block of blocks.filter(({ language }) => language === 'js')) {
    const text = fillIn(block.text, createFolders(block).project);
    const few = text.replace(/level: '\w+',/, `$& rules: ${JSON.stringify(RULES)},`);
    const file = join(snippets, `test-${block.page.replaceAll('/', '-')}-${block.line}.js`);
    writeFileSync(file, few);
    await import(/* @vite-ignore */ file);
  }
});

describe('the pages', () => {
  it('have every block that something is expected of', () => {
    const runnable = [...programs, ...commands].map(({ text }) => text);
    for (const [text] of EXPECTED)
      expect(
        runnable.some((block) => block.includes(text)),
        text,
      ).toBe(true);
    expect(workflows).not.toEqual([]);
    expect(configurations).not.toEqual([]);
  });

  it('name scripts, options and files that there are', async () => {
    let help = '';
    for (const command of [
      'serve',
      'run',
      'verify',
      'sessions list',
      'sessions close',
      'agents login',
      'token create',
      'record',
    ]) {
      help += (await runHere([...command.split(' '), '--help'])).stdout;
    }
    for (const page of pages) {
      const text = readPage(page);
      for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts, page).toHaveProperty(script);
      for (const [, option = ''] of text.matchAll(/`(--[a-z-]+)`/g)) expect(help, page).toContain(option);
      for (const [, path = ''] of text.matchAll(/^\| `([\w/]+)` \|/gm)) {
        if (page === 'README.md' || path.includes('/'))
          expect(existsSync(join(repository, path)), `${page}: ${path}`).toBe(true);
      }
    }
  });
});
