import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endGroup } from '../end-group.mjs';

/**
 * The results of tests.
 *
 * @typedef {object} Outcome
 * @property {Test[]} passed
 * @property {Test[]} failed
 * @property {string | undefined} problem Why the tests could not be run; undefined if they could.
 */

/**
 * @typedef {object} Test
 * @property {string} file
 * @property {string} title Its title, with the titles of its groups.
 * @property {number} duration Milliseconds.
 * @property {string} message Why it failed.
 */

/**
 * Runs tests of the copy, up to the first one that fails.
 *
 * @param {string} folder
 * @param {{files: string[], titles: string[], timeout: number, limit: number}} which `timeout`: milliseconds for each test;
 * `limit`: for all together.
 * @returns {Promise<Outcome>}
 */
export async function runTests(folder, { files, titles, timeout, limit }) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  const pattern = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const { code, output } = await run(folder, limit, [
    ...[vitest, 'run', ...files, '--bail=1', `--testTimeout=${timeout}`, `--hookTimeout=${timeout}`],
    ...[`--testNamePattern=${pattern}`, '--reporter=json', `--outputFile=${report}`],
  ]);
  if (!existsSync(report)) return { passed: [], failed: [], problem: `vitest ended with ${code}:\n${output}` };
  /** @type {{testResults: {name: string, message: string, assertionResults: {status: string, fullName: string, duration?: number, failureMessages?: string[]}[]}[]}} */
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status, fullName, duration = 0, failureMessages = [] }) => ({
      status,
      test: { file: name.slice(folder.length + 1), title: fullName, duration, message: failureMessages[0] ?? '' },
    })),
  );
  const those = (/** @type {string} */ wanted) =>
    tests.filter(({ status }) => status === wanted).map(({ test }) => test);
  const broken = testResults.find(({ message }) => message !== '');
  return { passed: those('passed'), failed: those('failed'), problem: broken?.message };
}

/**
 * Runs Node in the copy, in a process group that is ended with it.
 *
 * @param {string} cwd
 * @param {number} limit Milliseconds. Without its guard code may loop forever, and then the limits of tests do not
 * work.
 * @param {string[]} args
 * @returns {Promise<{code: number | null, output: string}>}
 */
async function run(cwd, limit, args) {
  // The variables make the fault suite short and repeatable.
  const faults = { FAULTS_FORM: 'brief', FAULTS_SEED: '20261122' };
  const env = { ...process.env, ...faults, FORCE_COLOR: undefined, NO_COLOR: '1' };
  const child = spawn(process.execPath, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output = (output + text).slice(-10_000);
    });
  }
  const timer = setTimeout(endGroup, limit, child.pid);
  const stop = () => endGroup(child.pid);
  process.once('exit', stop);
  try {
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
    return { code, output };
  } finally {
    clearTimeout(timer);
    process.off('exit', stop);
    stop();
  }
}
