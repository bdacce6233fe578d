import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeWhole } from '../../files/write-whole.js';
import { isInside } from '../roots.js';
import type { Git } from './git.js';
import { readProjectFile } from './project-file.js';

/**
 * The ignore rules of a repository that are not in its work tree: those of the user (`core.excludesFile`) and those of its
 * `info/exclude`. A file that the repository itself names counts only if it is inside of it.
 *
 * @param top the top of the work tree
 */
export async function readExcludes(git: Git, top: string): Promise<string> {
  const own = resolve(top, await git.line(['rev-parse', '--git-path', 'info/exclude'], { cwd: top }));
  const texts = [await readGeneral(git, top), (await readProjectFile(own))?.toString() ?? ''];
  return texts.map((text) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)).join('');
}

async function readGeneral(git: Git, top: string): Promise<string> {
  const { stdout } = await git.run(['config', '--show-scope', '--type=path', '-z', '--get-all', 'core.excludesFile'], {
    cwd: top,
    answers: [0, 1],
  });
  const [scope = '', named = ''] = stdout.toString().split('\0').slice(-3, -1);
  // Without this: reads for an agent what a repository names
  if (scope === 'local' || scope === 'worktree') {
    const path = resolve(top, named);
    return isInside(top, path) ? ((await readProjectFile(path))?.toString() ?? '') : '';
  }
  const path = named || join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'git/ignore');
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? readFile(path, 'utf8') : '';
}

/** Writes ignore rules into a repository of the server, and gives the options by which `git ls-files` uses them alone. */
export async function excludeOptions(store: string, excludes: string): Promise<string[]> {
  const file = join(store, 'info', `exclude-${createHash('sha256').update(excludes).digest('hex').slice(0, 16)}`);
  await writeWhole(file, excludes);
  return ['--exclude-per-directory=.gitignore', `--exclude-from=${file}`];
}
