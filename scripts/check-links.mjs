import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repository } from './setup.mjs';

/**
 * What the pages point at has to be there: the target of each link, its heading, and each path of the repository in
 * backquotes, such as `packages/client/src`.
 */

/** Where pages on npm link to: their readers have no clone. */
const home = /^https:\/\/github\.com\/parleyhq\/parley\/(?:blob|tree)\/main\//;
const topFolders = 'packages|scripts|release|e2e|examples|bench|contracts|docs|\\.github|\\.ci|\\.changeset';
const pathInText = new RegExp(`\`((?:${topFolders})/[\\w./{},-]*)\``, 'g');

const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: repository,
  encoding: 'utf8',
});
const pages = [...new Set(listed.stdout.split('\0'))].filter((path) => path && existsSync(join(repository, path)));
for (const line of pages.flatMap(findLost)) {
  console.error(line);
  process.exitCode = 1;
}
if (listed.status !== 0) process.exitCode = 1;

/**
 * @param {string} page
 * @returns {string[]} A line for each target that is not there, with its place.
 */
function findLost(page) {
  const text = withoutCode(read(page));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(({ index, 1: target = '' }) => ({ index, target }));
  const paths = [...text.matchAll(pathInText)].flatMap(({ index, 1: path = '' }) =>
    spread(path).map((target) => ({ index, target: `/${target}` })),
  );
  return [...links, ...paths]
    .filter(({ target }) => isLost(page, target))
    .map(({ index, target }) => `${page}:${text.slice(0, index).split('\n').length}: there is no ${target}`);
}

/**
 * @param {string} page
 * @param {string} target Relative to the page, or from the top of the repository, or an address.
 */
function isLost(page, target) {
  const here = target.replace(home, '/');
  if (/^\w+:/.test(here)) return false; // somebody else's
  const [, path = '', heading] = /^([^#]*)(?:#(.*))?$/.exec(here) ?? [];
  const file = normalize(path === '' ? page : path.startsWith('/') ? path.slice(1) : join(dirname(page), path));
  if (!existsSync(join(repository, file))) return true;
  if (heading === undefined) return false;
  return !statSync(join(repository, file)).isFile() || !headingsOf(file).has(heading);
}

/**
 * @param {string} page
 * @returns {Set<string>} The names that GitHub gives to headings.
 */
function headingsOf(page) {
  const headings = withoutCode(read(page)).matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/**
 * @param {string} text
 * @returns {string} The same lines, those of code empty.
 */
function withoutCode(text) {
  return text.replaceAll(/^```.*?^```$/gms, (block) => block.replaceAll(/[^\n]/g, ''));
}

/**
 * @param {string} path
 * @returns {string[]} `a/{b,c}` as `a/b` and `a/c`.
 */
function spread(path) {
  const [, before, choices, after] = /^(.*?)\{(.*?)\}(.*)$/.exec(path) ?? [];
  return choices === undefined ? [path] : choices.split(',').flatMap((choice) => spread(`${before}${choice}${after}`));
}

/** @param {string} page */
function read(page) {
  return readFileSync(join(repository, page), 'utf8');
}
