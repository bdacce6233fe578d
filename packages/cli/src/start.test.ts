import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from '@parleyhq/server';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { itInAll } from '../../../scripts/test-forms.js';
import { BIN, runParley, temporaryFolder } from '../test/run-parley.js';

// The packages that each start may load: our own, and the libraries that these name as dependencies. Loading is most of the
// time of a start (bench/README.md has the times). Before you add a package to a list, try to load it when it is needed.

const VERSION = ['@parleyhq/cli', 'commander'];
// Of the kit, the one file that makes text visible.
const KIT = ['@parleyhq/conformance'];
const SESSIONS = [...VERSION, ...KIT, '@parleyhq/client', '@parleyhq/contract', 'openapi-fetch', 'string-width', 'ws'];
const SERVE = [
  ...VERSION,
  ...['@parleyhq/agents', '@parleyhq/contract', '@parleyhq/server'],
  ...['diff', 'express', 'helmet', 'libsql', 'path-to-regexp', 'pino', 'proxy-addr', 'smol-toml', 'ws'],
];
const DEMO = ['@parleyhq/agents'];

const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));
const known = new Set<string>();

beforeAll(() => {
  for (const folder of readdirSync(PACKAGES)) {
    const { name, dependencies } = JSON.parse(readFileSync(join(PACKAGES, folder, 'package.json'), 'utf8'));
    for (const one of [name, ...Object.keys(dependencies ?? {})]) known.add(one);
  }
});

/** Lets Node write down which files a process loads; `packages()` says from which packages they are, once it has ended. */
function watchLoading() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-loaded-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    env: { NODE_V8_COVERAGE: folder },
    packages() {
      const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
      const urls: string[] = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
      const files = urls.filter((url) => url.startsWith('file:')).flatMap((url) => sourcesOf(fileURLToPath(url)));
      return [...new Set(files.map(packageOf))].filter((name) => known.has(name)).sort();
    },
  };
}

/** The files that a file of the bundle is made of, by its source map; any other file itself. */
function sourcesOf(file: string): string[] {
  if (!file.includes('/dist/bundle/')) return [file];
  const { sources }: { sources: string[] } = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  return sources.map((source) => join(file, '..', source));
}

function packageOf(file: string): string {
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  return library ?? `@parleyhq/${file.slice(PACKAGES.length).split('/')[0]}`;
}

test('parley --version loads nothing but the command line', async () => {
  const { env, packages } = watchLoading();
  expect(await runParley(['--version'], { env }).ended).toMatchObject({ code: 0 });
  expect(packages()).toEqual(VERSION.sort());
});

test('parley --help loads no command', async () => {
  const { env, packages } = watchLoading();
  expect(await runParley(['--help'], { env }).ended).toMatchObject({ code: 0 });
  expect(packages()).toEqual(VERSION.sort());
});

itInAll('parley sessions loads no server', async () => {
  const { data, project } = await temporaryFolder();
  const server = await createServer({ dataDir: data, port: 0, roots: [project] });
  onTestFinished(() => server.close());
  await server.listen();
  const { env, packages } = watchLoading();
  expect(await runParley(['sessions', '--data-dir', data], { env }).ended).toMatchObject({ stdout: 'No sessions.\n' });
  expect(packages()).toEqual(SESSIONS.sort());
});

test('parley serve loads no validator, no agent and no parser of YAML before somebody needs it', async () => {
  const { data, project } = await temporaryFolder();
  const { env, packages } = watchLoading();
  const serve = runParley(['serve', '--port', '0', '--data-dir', data, '--root', project], { env });
  await serve.said('stdout', /listening at/);
  serve.child.kill('SIGTERM');
  expect(await serve.ended).toMatchObject({ code: 0 });
  expect(packages()).toEqual(SERVE.sort());
});

test.each([
  ['that servers in a program start', createRequire(join(PACKAGES, 'agents/package.json')).resolve('#demo')],
  ['that the command starts', createRequire(BIN).resolve('#demo')],
])('the demo agent %s loads no ACP library before its first prompt', async (_, file) => {
  expect(existsSync(file)).toBe(true);
  const { env, packages } = watchLoading();
  const agent = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void agent.kill('SIGKILL'));
  const ended = new Promise((resolve) => agent.on('exit', resolve));
  let said = '';
  const opened = new Promise<void>((resolve) => {
    agent.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('"sessionId"')) resolve();
    });
  });
  agent.stdin.write('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}\n');
  agent.stdin.write('{"jsonrpc":"2.0","id":2,"method":"session/new","params":{"cwd":"/","mcpServers":[]}}\n');
  await opened;
  agent.stdin.end();
  expect(await ended).toBe(0);
  expect(packages()).toEqual(DEMO);
});
