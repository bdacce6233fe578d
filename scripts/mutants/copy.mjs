import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { transformSync } from 'esbuild';
import { ensureBuilt } from '../setup.mjs';
import { listMarks, mutate } from './mutant.mjs';

const CONFIGURATION = `import { COMPILED, useCompiled } from './scripts/use-compiled.js';
export default {
  plugins: [useCompiled],
  test: { provide: { form: 'long' }, server: { deps: { external: [COMPILED] } } },
};
`;

/**
 * Copies the files of the working tree, except those that git ignores, and the builds to a new folder. The packages
 * there use each other and not those of the repository; all other dependencies are those of the repository.
 *
 * @param {string} repository
 * @returns {string} The folder.
 */
export function createCopy(repository) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-mutants-')));
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
  });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  const options = { recursive: true, preserveTimestamps: true };
  for (const path of new Set(listed.stdout.split('\0'))) {
    if (path && existsSync(join(repository, path))) cpSync(join(repository, path), join(folder, path), options);
  }
  for (const parent of ['packages', 'examples']) {
    for (const name of readdirSync(join(folder, parent))) {
      const dist = join(parent, name, 'dist');
      // Programs of the pages come and go while tests run.
      const filter = (/** @type {string} */ path) => basename(path) !== 'snippets';
      if (existsSync(join(repository, dist)))
        cpSync(join(repository, dist), join(folder, dist), { ...options, filter });
    }
  }
  linkDependencies(repository, folder);
  // The configuration of the repository would build before each run. Without a guard, each run is to fail: every case is tried.
  writeFileSync(join(folder, 'vitest.config.ts'), CONFIGURATION);
  // A mutant changes one compiled file, which the bundle of the command would not see.
  writeFileSync(join(folder, 'packages/cli/bin/parley.js'), "#!/usr/bin/env node\nawait import('../dist/main.js');\n");
  ensureBuilt(folder);
  return folder;
}

/**
 * @param {string} repository
 * @param {string} folder
 */
function linkDependencies(repository, folder) {
  const from = join(repository, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(join(to, '@parleyhq'), { recursive: true });
  for (const name of readdirSync(from)) {
    // Names that begin with a dot belong to tools.
    if (name !== '@parleyhq' && !name.startsWith('.')) symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, '@parleyhq'))) {
    symlinkSync(join('..', '..', 'packages', name), join(to, '@parleyhq', name));
  }
}

/**
 * @param {string} folder The folder of the repository or of a copy.
 * @returns {Map<string, string[]>} The files with each mark, by the text of the mark.
 */
export function findMarks(folder) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const { name, parentPath } of readdirSync(join(folder, 'packages'), { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(parentPath, name));
    if (!/^packages\/\w+\/src\/.*\.ts$/.test(path)) continue;
    for (const mark of listMarks(readFileSync(join(folder, path), 'utf8'))) {
      found.set(mark, [...(found.get(mark) ?? []), path]);
    }
  }
  return found;
}

/**
 * Removes a guard from the copy: from the source, and from the build of it.
 *
 * @param {string} folder
 * @param {import('./mutant.mjs').Mutant} mutant
 * @param {string} file The file with its marks.
 * @returns {() => void} Puts it back.
 */
export function applyMutant(folder, mutant, file) {
  const built = file.replace('/src/', '/dist/').replace(/\.ts$/, '.js');
  const paths = [join(folder, file), join(folder, built)];
  const originals = paths.map((path) => readFileSync(path, 'utf8'));
  const source = mutate(originals[0] ?? '', mutant);
  const { code } = transformSync(source, {
    ...{ loader: 'ts', target: 'es2022', sourcefile: `${file} without a guard: ${mutant.name}` },
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  const write = (/** @type {string[]} */ texts) => {
    for (const [index, path] of paths.entries()) writeFileSync(path, texts[index] ?? '');
  };
  write([source, code]);
  return () => write(originals);
}
