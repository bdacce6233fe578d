import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * Packs each package as `npm publish` would, and fails where a user of the tarball would miss something: publint and attw
 * say what does not resolve, the rest looks at what a package says of itself, and at its licence, README and maps.
 */

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const address = 'https://github.com/parleyhq/parley';
/** The packages are ESM alone, for Node 20.19 and later: what older ways to resolve a module find is no matter. */
const ignoredByAttw = new Set(['node10', 'node16-cjs']);

/** @type {string[]} */
const folders = readJson('package.json').workspaces;
const tarballs = mkdtempSync(join(tmpdir(), 'parley-packages-'));
let failed = 0;
try {
  const args = ['pack', '--workspaces', '--json', '--ignore-scripts', '--pack-destination', tarballs];
  const packed = JSON.parse(execFileSync('npm', args, { cwd: repository, encoding: 'utf8' }));
  for (const folder of folders) {
    const { name } = readJson(folder, 'package.json');
    const { filename } = packed.find((/** @type {{name: string}} */ one) => one.name === name);
    const problems = await findProblems(folder, Uint8Array.from(readFileSync(join(tarballs, filename))));
    for (const problem of problems) console.error(`${folder}: ${problem}`);
    failed += problems.length;
  }
} finally {
  rmSync(tarballs, { recursive: true });
}
process.exitCode = failed > 0 ? 1 : 0;

/**
 * @param {string} folder
 * @param {Uint8Array<ArrayBuffer>} tarball
 */
async function findProblems(folder, tarball) {
  const contents = createPackageFromTarballData(tarball);
  const manifest = readJson(folder, 'package.json');
  return [
    ...findMissingFacts(folder, manifest),
    ...findMissingFiles(folder, manifest, contents),
    ...findMapsWithoutSource(contents),
    ...(await askPublint(manifest, tarball)),
    ...(await askAttw(contents)),
  ];
}

/**
 * @param {string} folder
 * @param {Record<string, any>} manifest
 */
function findMissingFacts(folder, manifest) {
  const expected = {
    homepage: `${address}/tree/main/${folder}#readme`,
    bugs: { url: `${address}/issues` },
    repository: { type: 'git', url: `git+${address}.git`, directory: folder },
    license: 'Apache-2.0',
    publishConfig: { access: 'public', provenance: true },
  };
  const wrong = Object.entries(expected)
    .filter(([key, value]) => JSON.stringify(manifest[key]) !== JSON.stringify(value))
    .map(([key, value]) => `package.json: expected "${key}" to be ${JSON.stringify(value)}`);
  const missing = ['description', 'keywords', 'sideEffects', 'engines', 'files']
    .filter((key) => manifest[key] === undefined)
    .map((key) => `package.json: expected "${key}"`);
  const exported = manifest.exports?.['./package.json'] === './package.json';
  return [...wrong, ...missing, ...(exported ? [] : ['package.json: expected "exports" to have "./package.json"'])];
}

/**
 * @param {string} folder
 * @param {Record<string, any>} manifest
 * @param {import('@arethetypeswrong/core').Package} contents
 */
function findMissingFiles(folder, manifest, contents) {
  const has = (/** @type {string} */ path) => contents.fileExists(inPackage(contents, path));
  const effects = Array.isArray(manifest.sideEffects) ? manifest.sideEffects : [];
  const imports = Object.values(manifest.imports ?? {}).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  );
  const named = [...effects, ...imports, 'README.md', 'LICENSE'].filter((path) => !path.includes('*'));
  const missing = named.filter((path) => !has(path)).map((path) => `the tarball has no ${path}`);
  const licence = join(repository, folder, 'LICENSE');
  const same = existsSync(licence) && readFileSync(licence).equals(readFileSync(join(repository, 'LICENSE')));
  return same ? missing : [...missing, 'LICENSE is not a copy of the one at the top of the repository'];
}

/**
 * A map leads to the source where that is in the map itself or in the tarball.
 *
 * @param {import('@arethetypeswrong/core').Package} contents
 */
function findMapsWithoutSource(contents) {
  const files = contents.listFiles();
  const mapless = files.filter((path) => /\/dist\/.*(\.js|\.d\.ts)$/.test(path) && !files.includes(`${path}.map`));
  const lost = files.filter(
    (path) => path.endsWith('.map') && sourcesOf(contents, path).some((source) => !files.includes(source)),
  );
  const [example] = lost;
  return [
    ...mapless.map((path) => `${path} has no map`),
    ...(example === undefined ? [] : [`${lost.length} maps lead to no source, such as ${example}`]),
  ];
}

/**
 * @param {import('@arethetypeswrong/core').Package} contents
 * @param {string} path A map's.
 * @returns {string[]} The sources that are not in the map itself, but for those of libraries in a bundle: some publish none.
 */
function sourcesOf(contents, path) {
  const { sources, sourcesContent = [] } = JSON.parse(contents.readFile(path));
  return sources
    .filter((/** @type {string} */ _, /** @type {number} */ index) => typeof sourcesContent[index] !== 'string')
    .map((/** @type {string} */ source) => posix.join(posix.dirname(path), source))
    .filter((/** @type {string} */ source) => !/\/node_modules\/(?!@parleyhq\/)/.test(source));
}

/**
 * @param {Record<string, any>} manifest
 * @param {Uint8Array<ArrayBuffer>} tarball
 */
async function askPublint(manifest, tarball) {
  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, manifest, { color: false }) ?? message.code}`);
}

/** @param {import('@arethetypeswrong/core').Package} contents */
async function askAttw(contents) {
  const result = await checkPackage(contents);
  if (!result.types) return ['attw: the package has no types'];
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && ignoredByAttw.has(problem.resolutionKind)))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}

/**
 * @param {import('@arethetypeswrong/core').Package} contents
 * @param {string} path
 */
function inPackage(contents, path) {
  return posix.join('/node_modules', contents.packageName, path);
}

/** @param {string[]} path */
function readJson(...path) {
  return JSON.parse(readFileSync(join(repository, ...path), 'utf8'));
}
