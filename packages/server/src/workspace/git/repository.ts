import { resolve } from 'node:path';
import { ServiceError } from '@parleyhq/contract';
import { type Git, GitError } from './git.js';
import { lookForRepository } from './git-folders.js';

/** The user's repository that contains a working directory. It is only read. */
export interface Repository {
  /** The top of its work tree. */
  readonly top: string;
  /** The path from `top` to the working directory, with a `/` at the end; empty if they are the same. */
  readonly prefix: string;
  /** Its folder: that of this work tree, if there are several. */
  readonly gitDir: string;
  /** The folder that all its work trees share. */
  readonly commonDir: string;
  readonly objectFormat: string;
}

/**
 * The repository that a directory is in, or undefined.
 *
 * @throws ServiceError `InvalidRequest` for a directory that belongs to git itself, OddGitFile for a repository that must not be read.
 */
export async function findRepository(git: Git, cwd: string): Promise<Repository | undefined> {
  const ask = (...args: string[]) => git.line(['rev-parse', ...args], { cwd });
  const found = cwd.split('/').some(isGitName) ? 'git' : await lookForRepository(cwd);
  if (found === undefined) return undefined;
  try {
    if (found === 'git' || (await ask('--is-inside-work-tree')) !== 'true') throw insideGit(cwd);
  } catch (error) {
    if (error instanceof GitError && error.isNoRepository) return undefined;
    throw error;
  }
  const [top, prefix, gitDir, commonDir, objectFormat] = await Promise.all([
    ask('--show-toplevel'),
    ask('--show-prefix'),
    ask('--absolute-git-dir'),
    ask('--git-common-dir'),
    ask('--show-object-format'),
  ]);
  return { top, prefix, gitDir, commonDir: resolve(cwd, commonDir), objectFormat };
}

/** Whether some file system treats a name as `.git`. */
export function isGitName(name: string): boolean {
  // Characters that HFS+ ignores, then endings that NTFS ignores.
  const plain = name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').replace(/[ .]+$|:.*$/g, '');
  return /^(\.git|git~\d+)$/i.test(plain);
}

function insideGit(cwd: string): ServiceError {
  const message = `expected a directory with files to work on, got ${cwd}, which belongs to git itself`;
  return new ServiceError('InvalidRequest', `cwd: ${message}.`, { details: [{ pointer: '/body/cwd', message }] });
}
