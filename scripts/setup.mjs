import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBundled } from './bundle.mjs';

/** The folder of the repository. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** Something that the user has to mend; its message says what and how. */
export class SetupError extends Error {}

/**
 * Makes the repository ready to run: Node new enough, dependencies as package-lock.json wants them, packages built.
 * Does only what is missing and shows what it does; when it cannot, it says why and ends the process with code 1.
 *
 * @param {{build?: boolean}} [options] `build: false` leaves out the build.
 */
export async function setup({ build = true } = {}) {
  try {
    checkNode(process.versions.node, readJson(join(repository, 'package.json')).engines.node);
    await ensureInstalled(repository);
    if (build) ensureBuilt(repository);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

/**
 * @param {string} version The running Node's, such as 20.19.0.
 * @param {string} range The `engines.node` of package.json, such as >=20.19.
 */
export function checkNode(version, range) {
  const wanted = range.replace('>=', '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(`Parley needs Node ${wanted} or later; this is Node ${version}.`);
}

/**
 * Runs `npm ci` in a folder with a package-lock.json, unless what it wants is installed.
 *
 * @param {string} folder
 * @param {(line: string) => void} [print]
 */
export async function ensureInstalled(folder, print = console.log) {
  const problem = findInstallProblem(folder);
  if (problem === undefined) return;
  const locked = Object.entries(packagesOf(join(folder, 'package-lock.json')) ?? {});
  const wanted = locked.flatMap(([path, { optional }]) => (path === '' || optional ? [] : path));
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  print(`Installing ${wanted.length} packages (${problem}) …`);
  const progress = setInterval(() => {
    const there = wanted.filter((path) => existsSync(join(folder, path, 'package.json'))).length;
    print(`  ${there} of ${wanted.length} packages, ${seconds()}`);
  }, 3_000);
  // Whatever NODE_ENV or the user's npm settings leave out, building and testing needs.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const child = spawn('npm', args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const code = await new Promise((resolve) => child.on('error', resolve).on('close', resolve));
  clearInterval(progress);
  const left = code === 0 ? findInstallProblem(folder) : `it ended with ${code}`;
  // What comes after the first lines is how to use npm.
  const said = output.split('\n').slice(0, 40).join('\n');
  if (left !== undefined) throw new SetupError(`${said}\n\`npm ci\` in ${folder} failed: ${left}.`);
  print(`  installed in ${seconds()}`);
}

/**
 * Compares what npm says that it has installed, which it writes last, with package-lock.json.
 *
 * @param {string} folder The one that holds package-lock.json.
 * @returns {string | undefined} What is wrong, for the user.
 */
export function findInstallProblem(folder) {
  if (!existsSync(join(folder, 'node_modules'))) return 'node_modules is missing';
  const installed = packagesOf(join(folder, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'an earlier install did not finish';
  const locked = packagesOf(join(folder, 'package-lock.json')) ?? {};
  for (const path of new Set([...Object.keys(locked), ...Object.keys(installed)])) {
    const [wanted, found] = [locked[path], installed[path]];
    if (!path.includes('node_modules/') || (found === undefined && wanted?.optional)) continue;
    if (wanted === undefined) return `${path} is no longer in package-lock.json`;
    if (found?.version !== wanted.version || found?.integrity !== wanted.integrity || found?.link !== wanted.link)
      return `${path} is not what package-lock.json wants`;
    if (!existsSync(join(folder, path, 'package.json'))) return `${path} is missing`;
  }
  return undefined;
}

/**
 * Builds every package that is older than its sources. Types are not checked, which takes as long again: `npm run build` and
 * `npm run check` do that.
 *
 * @param {string} folder The folder that holds the tsconfig.json with the references to all packages.
 * @param {(line: string) => void} [print]
 */
export function ensureBuilt(folder, print = console.log) {
  const { references } = readJson(join(folder, 'tsconfig.json'));
  const isBuilt = (/** @type {{path: string}} */ { path }) => existsSync(join(folder, path, 'dist', '.tsbuildinfo'));
  if (!references.every(isBuilt)) print('Building the packages …');
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-b', '--noCheck'], {
    cwd: folder,
    encoding: 'utf8',
  });
  for (const { path } of references) removeOrphans(join(folder, path));
  ensureBundled(folder);
  if (status !== 0) throw new SetupError(`${stdout}${stderr}\nThe packages do not build.`);
}

/**
 * Removes what was compiled from files that have moved since: TypeScript leaves it, and it would be packed.
 *
 * @param {string} folder A package's.
 */
function removeOrphans(folder) {
  if (!existsSync(join(folder, 'dist'))) return;
  for (const file of readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const [, name] = /^(?!bundle|snippets)(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(file) ?? [];
    if (name !== undefined && !existsSync(join(folder, 'src', `${name}.ts`))) rmSync(join(folder, 'dist', file));
  }
}

/** @typedef {{version?: string, integrity?: string, link?: boolean, optional?: boolean}} LockedPackage */

/** @param {string} lockfile @returns {Record<string, LockedPackage> | undefined} */
function packagesOf(lockfile) {
  return existsSync(lockfile) ? readJson(lockfile).packages : undefined;
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv[2] === undefined ? setup() : ensureInstalled(process.argv[2]));
}
