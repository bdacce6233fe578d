import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countMutants } from './ci-count.mjs';
import { applyMutant, createCopy, findMarks } from './mutants/copy.mjs';
import { MARK, mutate } from './mutants/mutant.mjs';
import { runTests } from './mutants/run-tests.mjs';
import { mutants } from './mutants/table.mjs';
import { repository, setup } from './setup.mjs';

/**
 * `npm run test:mutants`: removes each guard of the promises from a copy of the repository, one at a time, and expects
 * the test that proves it to fail. Then it runs the conformance kit against servers with one fault each
 * (e2e/conformance), and expects the rule that each names to fail. `npm run test:mutants -- --short` removes one guard
 * for each promise; with names it removes those guards. Neither runs the kit.
 */

await setup();
const named = process.argv.slice(2);
const chosen = mutants.filter(({ name, short }) => {
  if (named.length === 0) return true;
  return named.includes(name) || (named.includes('--short') && short);
});
const unknown = named.filter((name) => name !== '--short' && !mutants.some((mutant) => mutant.name === name));
if (unknown.length > 0) {
  console.error(`No mutant is called ${unknown.join(', ')}. There are:\n${mutants.map(({ name }) => name).join('\n')}`);
  process.exit(2);
}

const folder = createCopy(repository);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(1));

const files = findMarks(folder);
checkGuards();
const untouched = await runAll();
checkProofs();
let killed = 0;
for (const mutant of chosen) {
  const started = Date.now();
  const verdict = await judge(mutant);
  if (verdict.killed) killed += 1;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const word = verdict.killed ? 'killed  ' : 'SURVIVED';
  console.log(`${word}  ${mutant.promise}  ${mutant.name.padEnd(70)} ${seconds.padStart(5)} s  ${verdict.how}`);
}
const kit = named.length === 0 ? await judgeKit() : undefined;
console.log(`${killed} killed, ${chosen.length - killed} survived`);
if (kit !== undefined) console.log(`${kit.killed} killed by the kit, ${kit.survived} survived it`);
process.exitCode = killed === chosen.length && kit?.ok !== false ? 0 : 1;

/** Ends the process if the table and the marks in the code do not fit together. */
function checkGuards() {
  const unnamed = [...files].filter(([mark]) => !mutants.some(({ name, mark: marked = name }) => marked === mark));
  const problems = unnamed.map(([mark, places]) => `${places.join(', ')}: no mutant of the table is called ${mark}`);
  for (const mutant of mutants) {
    try {
      mutate(readFileSync(join(folder, fileOf(mutant)), 'utf8'), mutant);
    } catch (error) {
      problems.push(`${mutant.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (problems.length === 0) return;
  console.error(problems.join('\n\n'));
  process.exit(2);
}

/**
 * @param {import('./mutants/mutant.mjs').Mutant} mutant
 * @returns {string} The file with its marks.
 */
function fileOf({ name, mark = name }) {
  const [file, ...more] = files.get(mark) ?? [];
  if (file !== undefined && more.length === 0) return file;
  throw new Error(
    `expected the comment "${MARK}${mark}" in one file, found it in ${[file, ...more].join(', ') || 'none'}`,
  );
}

/** Runs the long form of e2e/conformance, which prints a line for each mutant. */
async function judgeKit() {
  const cwd = join(repository, 'e2e', 'conformance');
  const child = spawn('npm', ['run', 'long'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const { passed: killed, failed: survived } = countMutants({ ok: true, output, report: undefined });
  return { ok: code === 0, killed, survived };
}

/** @param {import('./mutants/mutant.mjs').Mutant} mutant */
function proofsOf({ test: file, title }) {
  return untouched.filter((test) => test.file === file && test.title.includes(title));
}

/** Ends the process if the table names a test that does not exist. */
function checkProofs() {
  const unproven = chosen.filter((mutant) => proofsOf(mutant).length === 0);
  if (unproven.length === 0) return;
  for (const { name, test, title } of unproven) console.error(`${name}: ${test} has no test ${title}`);
  process.exit(2);
}

/** Runs every named test with all guards in place. A test that fails then proves nothing. */
async function runAll() {
  const started = Date.now();
  const files = [...new Set(chosen.map(({ test }) => test))];
  const titles = [...new Set(chosen.map(({ title }) => title))];
  const { passed, failed, problem } = await runTests(folder, { files, titles, timeout: 240_000, limit: 600_000 });
  if (problem !== undefined || failed.length > 0) {
    for (const { file, title, message } of failed) console.error(`${file} > ${title}\n${message}\n`);
    console.error(problem ?? '');
    console.error('The tests fail with all guards in place.');
    process.exit(1);
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${passed.length} tests pass with all guards in place, ${seconds} s`);
  return passed;
}

/**
 * @param {import('./mutants/mutant.mjs').Mutant} mutant
 * @returns {Promise<{killed: boolean, how: string}>}
 */
async function judge(mutant) {
  const { test: file, title } = mutant;
  // Without its guard a test may wait for something that never comes, so its time limit is short.
  const timeout = 3_000 + 3 * Math.max(...proofsOf(mutant).map(({ duration }) => duration));
  const restore = applyMutant(folder, mutant, fileOf(mutant));
  try {
    const { failed, problem } = await runTests(folder, {
      files: [file],
      titles: [title],
      timeout,
      limit: timeout + 60_000,
    });
    const [first] = failed;
    if (first === undefined) return { killed: false, how: problem?.trim().split('\n')[0] ?? 'every test passes' };
    return { killed: !/^(Syntax|Reference)Error/.test(first.message), how: reasonOf(first) };
  } finally {
    restore();
  }
}

/** @param {import('./mutants/run-tests.mjs').Test} test */
function reasonOf({ message }) {
  // The message of vitest for a test that has timed out.
  if (message.startsWith('Error: STACK_TRACE_ERROR')) return 'it waits for what does not come';
  return message.split('\n', 1)[0]?.slice(0, 100) ?? '';
}
