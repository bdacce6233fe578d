import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServiceError } from '@parleyhq/contract';
import { type Git, GitError } from './git.js';

/** The user's repository that contains a working directory. It is only read. */
export interface Repository {
  /** The top of its work tree. */
  readonly top: string;
  /** The path from `top` to the working directory, with a `/` at the end; empty if they are the same. */
  readonly prefix: string;
  readonly objects: string;
  readonly objectFormat: string;
}

/**
 * The repository that a directory is in, or undefined.
 *
 * @throws ServiceError `InvalidRequest` for a directory that belongs to git itself.
 */
export async function findRepository(git: Git, cwd: string): Promise<Repository | undefined> {
  const ask = (...args: string[]) => git.line(['rev-parse', ...args], { cwd });
  try {
    if (cwd.split('/').some(isGitName) || (await ask('--is-inside-work-tree')) !== 'true') throw insideGit(cwd);
  } catch (error) {
    if (error instanceof GitError && error.stderr.includes('not a git repository')) return undefined;
    throw error;
  }
  const [top, prefix, objects, objectFormat] = await Promise.all([
    ask('--show-toplevel'),
    ask('--show-prefix'),
    ask('--git-path', 'objects'),
    ask('--show-object-format'),
  ]);
  return { top, prefix, objects: resolve(cwd, objects), objectFormat };
}

/** Whether some file system treats a name as `.git`. */
export function isGitName(name: string): boolean {
  // Characters that HFS+ ignores, then endings that NTFS ignores.
  const plain = name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').replace(/[ .]+$|:.*$/g, '');
  return /^(\.git|git~\d+)$/i.test(plain);
}

/** The user's ignore rules that are not in the work tree: `core.excludesFile` and `info/exclude`. */
export async function readExcludes(git: Git, { top }: Repository): Promise<string> {
  const ask = (...args: string[]) => git.line(args, { cwd: top });
  const { stdout } = await git.run(['config', '--type=path', '--get', 'core.excludesFile'], {
    cwd: top,
    answers: [0, 1],
  });
  const named = stdout.toString().replace(/\n$/, '');
  const general = named === '' ? join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'git/ignore') : named;
  const own = resolve(top, await ask('rev-parse', '--git-path', 'info/exclude'));
  const texts = [general, own].map((path) => readFile(path, 'utf8').catch(() => ''));
  return (await Promise.all(texts)).map((text) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)).join('');
}

function insideGit(cwd: string): ServiceError {
  const message = `expected a directory with files to work on, got ${cwd}, which belongs to git itself`;
  return new ServiceError('InvalidRequest', `cwd: ${message}.`, { details: [{ pointer: '/body/cwd', message }] });
}
