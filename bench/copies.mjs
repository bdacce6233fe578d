import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compare, measureInTurn, printTable } from './figures.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { createRest } from './rest-client.mjs';

const run = promisify(execFile);
const FILES_IN_FOLDER = 100;
const COPY_REPEATS = 3;

/**
 * The time until an agent can work in a copy of a repository: from the request for an isolated session to its answer,
 * for the first and the second copy.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureCopies({ folder, quick }) {
  const files = quick ? 200 : 20_000;
  progress(`copies: creating a repository of ${files} files`);
  const cwd = join(folder, 'repository');
  await makeRepository(cwd, files);
  progress('copies: isolated sessions');
  const times = await measureInTurn(quick ? 1 : COPY_REPEATS, [() => measureTwo(folder, cwd)], { warmUp: false });
  const only = (/** @type {number} */ index) => times.map(([both]) => [both?.[index] ?? Number.NaN]);
  const of = `of a repository of ${files.toLocaleString('en')} files`;
  return [
    '### Seconds until a copy is ready\n',
    printTable(
      ['', 'Parley', 'budget'],
      [compare(`the first ${of}`, only(0), 2, ''), compare(`the second ${of}`, only(1), 2, '≤ 5')],
    ),
  ].join('\n');
}

/**
 * @param {string} cwd
 * @param {number} files
 */
async function makeRepository(cwd, files) {
  for (let next = 0; next < files; next += FILES_IN_FOLDER) {
    const inside = join(cwd, `folder-${next / FILES_IN_FOLDER}`);
    await mkdir(inside, { recursive: true });
    const some = Array.from({ length: Math.min(FILES_IN_FOLDER, files - next) }, (_, index) => next + index);
    await Promise.all(some.map((number) => writeFile(join(inside, `${number}.ts`), sourceOf(number))));
  }
  const git = (/** @type {string[]} */ ...args) => run('git', args, { cwd, maxBuffer: 1e9 });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'user.name=Parley', '-c', 'user.email=parley@example.com', 'commit', '--quiet', '-m', 'Start');
}

/**
 * A typical source file: 4 KiB, each one different.
 *
 * @param {number} number
 */
function sourceOf(number) {
  return `export const value = ${number};\n// A line as long as lines are, so that the file has its size.\n`.repeat(44);
}

/**
 * @param {string} folder
 * @param {string} cwd
 * @returns {Promise<[number, number]>} Seconds of the first and the second copy by a fresh server.
 */
async function measureTwo(folder, cwd) {
  const parley = openProcess('peers/parley.mjs', folder);
  try {
    const { dataDir, ...address } = await parley.call('address');
    const rest = createRest(address);
    const create = async () => {
      const started = performance.now();
      await rest.createSession(cwd, { workspace: 'isolated' });
      return (performance.now() - started) / 1_000;
    };
    /** @type {[number, number]} */
    const both = [await create(), await create()];
    await parley.close();
    await rm(dataDir, { recursive: true, force: true });
    return both;
  } finally {
    await parley.close();
  }
}
