import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} LockedPackage What a lockfile says of one folder under node_modules.
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {string} [resolved]
 * @property {boolean} [link] A workspace, or a folder named by `file:`: npm makes a link.
 * @property {boolean} [optional] npm leaves it out where it does not fit the machine.
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 */

/** @typedef {Record<string, LockedPackage>} LockedPackages */

/**
 * Says what is wrong with the install in `root`, or nothing when it is whole and fits package-lock.json.
 *
 * npm writes node_modules/.package-lock.json as its last act, so an install that was cut short has none. What it says
 * is compared with package-lock.json, then with what lies on the disk. Our own mark remembers how many files each
 * package had when the install was first seen whole, so that a half-deleted folder is noticed too.
 *
 * @param {string} root The folder that holds package-lock.json.
 * @returns {string | undefined} A sentence for the user.
 */
export function findInstallProblem(root) {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing';
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return 'an earlier install did not finish';
  const locked = readPackages(join(root, 'package-lock.json')) ?? {};
  return findStale(locked, installed) ?? findMissing(root, installed) ?? findHalfDeleted(root, installed);
}

/**
 * Lists the folders that package-lock.json wants in node_modules; the optional ones, which may be left out, not.
 *
 * @param {string} root The folder that holds package-lock.json.
 * @returns {string[]} Paths relative to `root`.
 */
export function listWantedFolders(root) {
  const locked = readPackages(join(root, 'package-lock.json')) ?? {};
  return Object.keys(locked).filter((path) => isInNodeModules(path) && !locked[path]?.optional);
}

/**
 * @param {string} file
 * @returns {LockedPackages | undefined}
 */
function readPackages(file) {
  return readJson(file)?.packages;
}

/**
 * @param {string} file
 * @returns {any} Nothing when the file is missing or was cut off while it was written.
 */
function readJson(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * @param {LockedPackages} locked
 * @param {LockedPackages} installed
 */
function findStale(locked, installed) {
  for (const [path, wanted] of Object.entries(locked)) {
    if (!isInNodeModules(path)) continue;
    const found = installed[path];
    if (!found && wanted.optional) continue;
    if (!found) return `${nameOf(path)} ${wanted.version ?? ''} is not installed yet`.replace('  ', ' ');
    if (found.version !== wanted.version || found.integrity !== wanted.integrity || found.link !== wanted.link) {
      return `${nameOf(path)} is installed as ${found.version}, package-lock.json wants ${wanted.version}`;
    }
  }
  for (const [path, found] of Object.entries(installed)) {
    if (isInNodeModules(path) && !locked[path]) return `${nameOf(path)} is no longer in package-lock.json`;
    if (isForeign(found)) return `${nameOf(path)} was installed for another kind of machine`;
  }
  return undefined;
}

/**
 * @param {string} root
 * @param {LockedPackages} installed
 */
function findMissing(root, installed) {
  for (const [path, expected] of Object.entries(installed)) {
    if (!isInNodeModules(path)) continue;
    const folder = join(root, path);
    if (!existsSync(join(folder, 'package.json'))) return `${nameOf(path)} is missing from node_modules`;
    if (expected.link) {
      if (realpathSync(folder) !== realpathSync(join(root, expected.resolved ?? ''))) {
        return `${nameOf(path)} in node_modules does not point at ${expected.resolved}`;
      }
    } else if (readJson(join(folder, 'package.json'))?.version !== expected.version) {
      return `${nameOf(path)} in node_modules is not version ${expected.version}`;
    }
  }
  return undefined;
}

/**
 * Compares the number of files with the mark's; without a mark that belongs to this install, makes one. (Whoever runs
 * `npm ci` by hand thus needs no second install.)
 *
 * @param {string} root
 * @param {LockedPackages} installed
 */
function findHalfDeleted(root, installed) {
  const file = join(root, 'node_modules', '.parley-install.json');
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'node_modules', '.package-lock.json')))
    .digest('hex');
  const folders = ['node_modules/.bin', ...Object.keys(installed).filter((path) => !installed[path]?.link)];
  const counts = Object.fromEntries(
    folders.filter(isInNodeModules).map((path) => [path, countFiles(join(root, path))]),
  );
  const mark = readJson(file);
  if (mark?.hash !== hash) {
    writeFileSync(file, JSON.stringify({ hash, counts }));
    return undefined;
  }
  const short = Object.keys(mark.counts).find((path) => (counts[path] ?? 0) < (mark.counts[path] ?? 0));
  return short && `files of ${nameOf(short)} are missing from node_modules`;
}

/**
 * @param {string} folder
 * @returns {number} The files below it, those of packages nested in it left out.
 */
function countFiles(folder) {
  if (!existsSync(folder)) return 0;
  let count = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) count += 1;
    else if (entry.name !== 'node_modules') count += countFiles(join(folder, entry.name));
  }
  return count;
}

/** @param {LockedPackage} found */
function isForeign({ os, cpu }) {
  /** @param {string[] | undefined} names @param {string} ours */
  const excludes = (names, ours) =>
    names !== undefined &&
    (names.includes(`!${ours}`) || (names.some((name) => !name.startsWith('!')) && !names.includes(ours)));
  return excludes(os, process.platform) || excludes(cpu, process.arch);
}

/** @param {string} path */
function isInNodeModules(path) {
  return path.startsWith('node_modules/') || path.includes('/node_modules/');
}

/** @param {string} path */
function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
