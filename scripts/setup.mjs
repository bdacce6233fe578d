import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findInstallProblem, listWantedFolders } from './install-state.mjs';

/** The folder of the repository. */
export const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Makes the repository ready to run: Node new enough, dependencies as package-lock.json wants them, packages built.
 * Does only what is missing and shows what it does; when it cannot, it says why and ends the process with code 1.
 *
 * @param {{build?: boolean}} [options] `build: false` leaves out the build.
 */
export async function setup({ build = true } = {}) {
  try {
    checkNode(process.versions.node, readEngines(repository));
    await ensureInstalled(repository);
    if (build) ensureBuilt(repository);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

/** Something that the user has to mend; its message says what and how. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * @param {string} version The running Node's, such as 20.19.0.
 * @param {string} range The `engines.node` of package.json, such as >=20.19.
 */
export function checkNode(version, range) {
  const [wantedMajor = 0, wantedMinor = 0] = range
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(`Parley needs Node ${wantedMajor}.${wantedMinor} or later; this is Node ${version}.`);
}

/**
 * Runs `npm ci` in a folder with a package-lock.json, unless its node_modules is whole and fits.
 *
 * @param {string} folder
 * @param {(line: string) => void} [print]
 */
export async function ensureInstalled(folder, print = console.log) {
  await waitForOtherInstall(folder, print);
  const problem = findInstallProblem(folder);
  if (!problem) return;
  const wanted = listWantedFolders(folder);
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const ended = startNpmCi(folder);
  print(`Installing ${wanted.length} packages (${problem}) …`);
  const progress = setInterval(() => {
    const there = wanted.filter((path) => existsSync(join(folder, path, 'package.json'))).length;
    print(`  ${there} of ${wanted.length} packages, ${seconds()}`);
  }, 3_000);
  const { code, output } = await ended.finally(() => clearInterval(progress));
  const left = code === 0 ? findInstallProblem(folder) : `it ended with code ${code}`;
  if (left) {
    const said = output.split('\n').slice(0, 40).join('\n'); // what comes after is how to use npm
    throw new SetupError(`${said}\n\`npm ci\` in ${folder} failed: ${left}.`);
  }
  print(`  installed in ${seconds()}`);
}

/**
 * Builds every package that is older than its sources. `tsc -b` trusts its own notes, so a build that lost files since
 * is made anew.
 *
 * @param {string} folder The folder that holds the tsconfig.json with the references to all packages.
 * @param {(line: string) => void} [print]
 */
export function ensureBuilt(folder, print = console.log) {
  const packages = readReferences(folder).map((path) => join(folder, path));
  if (packages.some((path) => !existsSync(join(path, 'dist', '.tsbuildinfo')))) print('Building the packages …');
  runTypeScript(folder, []);
  if (packages.some(hasLostOutput)) runTypeScript(folder, ['--force']);
}

/**
 * @param {string} folder
 * @param {string[]} args
 */
function runTypeScript(folder, args) {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-b', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new SetupError(`${stdout}${stderr}\nThe packages do not build.`);
}

/** @param {string} folder */
function readEngines(folder) {
  return /** @type {string} */ (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).engines.node);
}

/**
 * @param {string} folder
 * @returns {Promise<{code: number | null, output: string}>}
 */
function startNpmCi(folder) {
  // Whatever NODE_ENV or the user's npm settings leave out, building and testing needs.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath ?? '';
  const [command, prefix] = basename(npm) === 'npm-cli.js' ? [process.execPath, [npm]] : ['npm', []];
  const child = spawn(command, [...prefix, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  const pidFile = pidFileOf(folder);
  if (child.pid) writeFileSync(pidFile, String(child.pid));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SetupError(`npm could not be started: ${error.message}`)));
    child.on('close', (code) => {
      rmSync(pidFile, { force: true });
      resolve({ code, output });
    });
  });
}

/**
 * Two installs at a time spoil each other: npm may still run when whoever started it was killed.
 *
 * @param {string} folder
 * @param {(line: string) => void} print
 */
async function waitForOtherInstall(folder, print) {
  const pidFile = pidFileOf(folder);
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  // By then it has ended, and the number belongs to another process.
  const latest = statSync(pidFile).mtimeMs + 10 * 60_000;
  if (isRunning(pid)) print('Waiting for an install that runs already …');
  while (isRunning(pid) && Date.now() < latest) await setTimeout(250);
  rmSync(pidFile, { force: true });
}

/** @param {string} folder */
function pidFileOf(folder) {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `parley-install-${name}.pid`);
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ended, or somebody else's
  }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function readReferences(folder) {
  const { references } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
  return references.map((/** @type {{path: string}} */ reference) => reference.path);
}

/** @param {string} folder A package's. */
function hasLostOutput(folder) {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
  return sources.some(
    (file) =>
      file.endsWith('.ts') &&
      !/(\.test|\.test-d|\.d)\.ts$/.test(file) &&
      !['.js', '.d.ts'].every((end) => existsSync(join(folder, 'dist', file.replace(/\.ts$/, end)))),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder) await ensureInstalled(folder);
  else await setup();
}
