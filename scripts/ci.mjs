import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingOptions } from '../e2e/wire/wire-log.mjs';
import { countChecks, countMutants, countOne, countTests } from './ci-count.mjs';
import { endGroup } from './end-group.mjs';
import { ensureInstalled, repository } from './setup.mjs';

/**
 * CI (`.ci/run`). It runs every part even if others fail: first the demo, since it must set up a fresh clone by itself,
 * and the checks, since they build; then, two at a time, the tests, the mutants (does a test fail without the guard that
 * it proves?), and the suites with their own dependencies; then the part `wire`, which judges the network traffic of
 * others, and the benchmark, alone. The output of a part is shown only if it fails. The last line is the total: each
 * test, check and mutant counts as one, and so do the demo and the benchmark.
 */

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string[]} command
 * @property {string} [folder] Where it runs. If it has a lockfile, its dependencies are installed first.
 * @property {(result: import('./ci-count.mjs').PartResult) => import('./ci-count.mjs').Count} count
 */

const folderOfLogs = mkdtempSync(join(tmpdir(), 'parley-ci-'));
/** The Debian package that a part needs: a file of it, and its name. @type {Record<string, [string, string]>} */
const debian = {
  browser: ['/usr/bin/chromium', 'chromium'],
  sandbox: ['/usr/bin/bwrap', 'bubblewrap'],
};
/** The parts whose sockets are recorded for the part `wire`, which comes after them. */
const recorded = new Set(['demo', 'tests', 'agents', 'browser']);
const recording = join(folderOfLogs, 'wire');
mkdirSync(recording);
const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', PARLEY_WIRE_LOG: undefined };

/** @type {Part[]} */
const together = [
  // Beside it another part is busy.
  createSuite('tests', { script: 'test:all', args: ['--maxWorkers=2'] }),
  { name: 'mutants', command: ['npm', 'run', 'test:mutants', '--', '--short'], count: countMutants },
  createSuite('codegen', { folder: 'packages/codegen' }),
  ...readdirSync(join(repository, 'e2e'))
    .filter((name) => name !== 'wire' && existsSync(join(repository, 'e2e', name, 'package.json')))
    .map((name) => createSuite(name, { folder: `e2e/${name}` })),
];

const total = { passed: 0, failed: 0 };
/** One Debian package is installed at a time. */
let installing = Promise.resolve();
await runPart({ name: 'demo', command: ['npm', 'run', 'demo'], count: countOne });
await runPart({ name: 'checks', command: ['npm', 'run', 'check'], count: countChecks });
await Promise.all([runParts(together), runParts(together)]);
await runPart(createSuite('wire', { folder: 'e2e/wire' }));
await runPart({ name: 'bench', folder: 'bench', command: ['npm', 'run', 'smoke'], count: countOne });
rmSync(folderOfLogs, { recursive: true, force: true });
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * @param {string} name
 * @param {Partial<Part> & {script?: string, args?: string[]}} [options] `script` is one of package.json; `test` by default.
 *   `args` are further arguments of vitest.
 * @returns {Part} A part that runs vitest.
 */
function createSuite(name, { script = 'test', args = [], ...options } = {}) {
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${reportOf(name)}`];
  return { name, command: ['npm', 'run', script, '--', ...args, ...reporters], count: countTests, ...options };
}

/** @param {Part[]} queue What is begun is taken from it. */
async function runParts(queue) {
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) await runPart(part);
}

/** @param {Part} part */
async function runPart({ name, command, folder = '.', count }) {
  const started = Date.now();
  console.log(`── ${name} …`);
  let ok = false;
  let problem = '';
  try {
    const installed = installing.then(() => ensurePackage(name));
    installing = installed.catch(() => undefined);
    await installed;
    // Commands of the root install what they need by themselves, and that is tested here too.
    const hasDependencies = folder !== '.' && existsSync(join(repository, folder, 'package-lock.json'));
    if (hasDependencies) await ensureInstalled(join(repository, folder), (line) => console.log(`   ${name}: ${line}`));
    ok = await run(name, command, join(repository, folder));
  } catch (error) {
    problem = String(error);
  }
  const output = `${readIfThere(logOf(name)) ?? ''}${problem}`;
  const result = count({ ok, output, report: readIfThere(reportOf(name)) });
  if (result.failed > 0) console.log(output.split('\n').slice(-400).join('\n'));
  // The part `wire` prints what the documents describe but no suite has used.
  else for (const line of output.match(/^Never seen: .*$/gm) ?? []) console.log(`   ${line}`);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`── ${name}: ${result.passed} passed, ${result.failed} failed, ${seconds} s`);
  total.passed += result.passed;
  total.failed += result.failed;
}

/**
 * Runs a command with its output in the part's log. Prints twice a minute that it still runs. Ends it after 40 minutes.
 *
 * @param {string} name
 * @param {string[]} command
 * @param {string} cwd
 * @returns {Promise<boolean>} Whether it ended with 0.
 */
async function run(name, [command = '', ...args], cwd) {
  const log = openSync(logOf(name), 'a');
  // In its own process group, so that everything that it started can be ended with it.
  const child = spawn(command, args, {
    cwd,
    env: { ...env, ...wireEnv(name) },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const started = Date.now();
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(
      `   ${name}, ${seconds} s: ${readIfThere(logOf(name))?.trim().split('\n').at(-1)?.slice(0, 100) ?? ''}`,
    );
    if (seconds > 40 * 60) endGroup(child.pid);
  }, 30_000);
  try {
    return (await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))) === 0;
  } finally {
    clearInterval(progress);
    endGroup(child.pid);
  }
}

/** @param {string} name The name of a part. @returns {NodeJS.ProcessEnv} */
function wireEnv(name) {
  if (name === 'wire') return { PARLEY_WIRE_LOG: recording };
  return recorded.has(name) ? { NODE_OPTIONS: recordingOptions(recording, name) } : {};
}

/** @param {string} name The name of a part. */
async function ensurePackage(name) {
  const [file, wanted] = debian[name] ?? [];
  if (file === undefined || existsSync(file)) return;
  console.log(`   ${name}: Installing ${wanted} …`);
  const script = `apt-get update -q -o Acquire::Retries=3 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q -o Acquire::Retries=3 --no-install-recommends ${wanted}`;
  if (!(await run(name, ['sh', '-c', script], repository))) throw new Error(`${wanted} could not be installed.`);
}

/** @param {string} name */
function logOf(name) {
  return join(folderOfLogs, `${name}.log`);
}

/** @param {string} name */
function reportOf(name) {
  return join(folderOfLogs, `${name}.json`);
}

/** @param {string} path */
function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
