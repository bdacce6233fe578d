import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceEach } from '../scripts/mutants/mutant.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = ['contract', 'agents', 'server'];

/**
 * Copies the build of the server and of the packages that it needs, and changes one file of the copy. The packages
 * there use each other; all other dependencies are those of the repository.
 *
 * @param {string} folder It is created.
 * @param {{file: string, edits: import('../scripts/mutants/mutant.mjs').Edit[]}} change
 * @returns {string} The file to import the server from.
 */
export function copyBuild(folder, { file, edits }) {
  for (const name of PACKAGES) {
    for (const part of ['package.json', 'dist']) {
      const path = join('packages', name, part);
      cpSync(join(repository, path), join(folder, path), { recursive: true, filter: isRun });
    }
  }
  linkDependencies(folder);
  const changed = join(folder, 'packages', file);
  writeFileSync(changed, replaceEach([readFileSync(changed, 'utf8')], edits).join());
  return join(folder, 'packages', 'server', 'dist', 'index.js');
}

/** @param {string} path */
function isRun(path) {
  return !/\.(d\.ts|map|tsbuildinfo)$/.test(path);
}

/** @param {string} folder */
function linkDependencies(folder) {
  const from = join(repository, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(join(to, '@parleyhq'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@parleyhq' && !name.startsWith('.')) symlinkSync(join(from, name), join(to, name));
  }
  for (const name of PACKAGES) symlinkSync(join(folder, 'packages', name), join(to, '@parleyhq', name));
}
