import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Bundles the programs that the command `parley` starts, from the output of TypeScript: loading a few files takes a fraction of
 * the time of loading some hundreds. Programs that import a package get its modules, not the bundle.
 */

/** The bundled programs by name, each with its first file. Workers are threads, the others are processes. */
const ENTRIES = {
  parley: 'packages/cli/dist/main.js',
  demo: 'packages/agents/dist/demo/main.js',
  record: 'packages/agents/dist/cassette/record-main.js',
  replay: 'packages/agents/dist/cassette/replay-main.js',
  'diff-worker': 'packages/server/dist/patches/diff-worker.js',
  'log-worker': 'packages/server/dist/log/sqlite/sqlite-worker.js',
};

/** Loaded from node_modules: native code. */
const EXTERNAL = ['libsql'];

/** CommonJS libraries in the bundle call `require` for the modules of Node. */
const BANNER = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * Makes the bundle unless it is newer than the compiled packages and the installed libraries.
 *
 * @param {string} folder The repository, or a copy of it; without the package of the command there is nothing to do.
 */
export function ensureBundled(folder) {
  const cli = join(folder, 'packages', 'cli');
  if (!existsSync(join(cli, 'dist', 'main.js'))) return;
  const made = timeOf(join(cli, 'dist', 'bundle', 'LICENSES.txt'));
  const notes = readdirSync(join(folder, 'packages')).map((name) =>
    join(folder, 'packages', name, 'dist/.tsbuildinfo'),
  );
  const sources = [...notes, join(folder, 'node_modules', '.package-lock.json'), fileURLToPath(import.meta.url)];
  if (sources.some((file) => timeOf(file) > made)) bundle(folder);
}

/** @param {string} folder */
function bundle(folder) {
  /** @type {typeof import('esbuild')} */
  const { buildSync } = createRequire(import.meta.url)('esbuild');
  const outdir = join(folder, 'packages', 'cli', 'dist', 'bundle');
  // One build for each entry: code that two entries share would be one more file to load for both.
  const built = Object.entries(ENTRIES).map(([name, file]) =>
    buildSync({
      absWorkingDir: folder,
      entryPoints: { [name]: file },
      outdir,
      bundle: true,
      splitting: true, // each dynamic import becomes a file, which is loaded when it is needed
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: EXTERNAL,
      banner: { js: BANNER },
      sourcemap: true,
      metafile: true,
    }),
  );
  const written = new Set(built.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
  for (const name of readdirSync(outdir)) {
    if (!written.has(relative(folder, join(outdir, name)))) rmSync(join(outdir, name));
  }
  const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  writeFileSync(join(outdir, 'LICENSES.txt'), describeLicenses(folder, inputs));
}

/**
 * @param {string} folder
 * @param {string[]} inputs
 * @returns {string} The licences of all libraries that files of the bundle come from.
 */
function describeLicenses(folder, inputs) {
  const libraries = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...libraries].sort().map((path) => {
    const library = join(folder, path);
    const { name, version, license } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
    const file = readdirSync(library).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? '' : `\n${readFileSync(join(library, file), 'utf8').trim()}\n`;
    return `${name} ${version}, ${license}\n${text}`;
  });
  return ['The files in this folder hold parts of these libraries.\n', ...texts].join(`\n${'-'.repeat(80)}\n\n`);
}

/** @param {string} file */
function timeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) bundle(join(import.meta.dirname, '..'));
