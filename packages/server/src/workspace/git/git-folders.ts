import { lstat, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMissingPath } from '../../files/is-missing.js';
import { readProjectFile } from './project-file.js';

/** In place of a file that git opens by itself stands something else. */
export class OddGitFile extends Error {
  override readonly name = 'OddGitFile';

  constructor(path: string) {
    super(`expected ${path} to be a file of the repository, and no link, pipe or device`);
  }
}

/** The files of a repository that git opens by itself. */
const OPENED = [
  ...['HEAD', 'config', 'config.worktree', 'index', 'packed-refs', 'shallow', 'commondir', 'gitdir'],
  ...['info/attributes', 'info/exclude', 'info/grafts', 'info/sparse-checkout', 'objects/info/alternates'],
];

/**
 * Looks for the repository that a directory is in, as git does, before git is started. Git follows links: it would read
 * whatever the server can, and wait for a pipe forever.
 *
 * @returns `work tree` for a directory in a work tree, `git` for one in a repository without one (which belongs to git itself),
 * undefined if there is no repository
 * @throws OddGitFile for a repository in which a link, a pipe or a device stands in place of a file
 */
export async function lookForRepository(cwd: string): Promise<'work tree' | 'git' | undefined> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, '.git');
    const kind = await kindOf(path);
    const git = kind === 'file' ? await folderNamedIn(path) : path;
    if (kind === 'other') throw new OddGitFile(path);
    if (kind !== undefined && git !== undefined && (await kindOf(join(git, 'HEAD'))) !== undefined) {
      await checkFolder(git);
      const common = await readProjectFile(join(git, 'commondir'));
      if (common !== undefined) await checkFolder(resolve(git, common.toString().trimEnd()));
      return 'work tree';
    }
    if (await isBare(folder)) return 'git';
    if (dirname(folder) === folder) return undefined;
  }
}

/** The folder that a file named `.git` names: that of a linked work tree or of a submodule. */
async function folderNamedIn(path: string): Promise<string | undefined> {
  const text = (await readProjectFile(path))?.toString() ?? '';
  const named = /^gitdir: (.+?)[\r\n]*$/s.exec(text)?.[1];
  return named === undefined ? undefined : resolve(dirname(path), named);
}

async function isBare(folder: string): Promise<boolean> {
  const kinds = await Promise.all(['HEAD', 'objects', 'refs'].map((name) => kindOf(join(folder, name))));
  return kinds[0] !== undefined && kinds[1] === 'folder' && kinds[2] === 'folder';
}

async function checkFolder(folder: string): Promise<void> {
  for (const name of OPENED) {
    const kind = await kindOf(join(folder, name));
    // Without this: lets git open what stands in place of its files
    if (kind !== undefined && kind !== 'file') throw new OddGitFile(join(folder, name));
  }
  const refs = await readdir(join(folder, 'refs'), { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of refs) {
    if (!entry.isFile() && !entry.isDirectory()) throw new OddGitFile(join(entry.parentPath, entry.name));
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | undefined> {
  try {
    const stat = await lstat(path);
    if (stat.isFile()) return 'file';
    return stat.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (isMissingPath(error)) return undefined;
    throw error;
  }
}
