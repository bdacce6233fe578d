import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './setup.mjs';

/**
 * Adds the optional packages of other platforms that npm left out to the package-lock.json of a folder (default: that
 * of this repository).
 *
 * npm leaves them out if the registry of the lockfile does not serve them. `npm ci` then refuses the lockfile
 * everywhere, and the other platforms lack their binaries. Run this script when `npm ci` prints `Missing: … from lock
 * file`. npm keeps what it adds.
 */
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];
const libraries = { musl: 'musl', musleabihf: 'musl', gnu: 'glibc', gnueabihf: 'glibc' };

const [folder = '.'] = process.argv.slice(2);
const file = join(repository, folder, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const isThere = [`node_modules/${name}`, `${path}/node_modules/${name}`].some((key) => lock.packages[key]);
    if (!isThere) add(name, version, entry);
  }
}
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);

/**
 * @param {string} name
 * @param {string} version
 * @param {{dev?: boolean, license?: string}} parent
 */
function add(name, version, { dev, license }) {
  const words = name.replace('windows', 'win32').split(/[/-]/);
  const os = systems.find((word) => words.includes(word));
  const cpu = processors.find((word) => words.includes(word));
  const libc = Object.entries(libraries).find(([word]) => words.includes(word))?.[1];
  if (!os || !cpu) throw new Error(`${name} does not say what platform it is for`);
  const platform = { cpu: [cpu], ...(dev && { dev }), ...(libc && { libc: [libc] }) };
  lock.packages[`node_modules/${name}`] = { version, ...platform, license, optional: true, os: [os] };
  console.log(`added ${name} ${version}`);
}
