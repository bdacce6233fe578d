import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Git, type GitCall, GitError } from '../git/git.js';

/**
 * A path as git gives it, one character a byte: names of files need not be UTF-8. Relative to the folder in question,
 * with `/`.
 */
export type BytePath = string;

/** The way of a byte path in the file system. */
export function bytesOf(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** The names in what git prints with `-z`. */
export function readPaths(stdout: Buffer): BytePath[] {
  return stdout.toString('latin1').split('\0').slice(0, -1);
}

/**
 * Every file and link of a folder but those that git ignores. Repositories inside, submodules among them, are files
 * like others by the rules of their own; what is called `.git` is never listed.
 *
 * @param top the top of the user's repository that the folder is in, if it is in one
 * @param none a repository of the server's own, for folders that are in none
 */
export async function listFiles(git: Git, folder: string, top: string | undefined, none: string): Promise<BytePath[]> {
  const { files, folders } =
    top === undefined
      ? await listPlain(git, folder, { gitDir: none, index: join(none, 'no-index'), workTree: folder })
      : await listRepository(git, folder, top);
  return [...files, ...(await listNested(git, folder, folders, none))];
}

/** What is inside of folders that git itself takes for repositories. */
export async function listNested(
  git: Git,
  folder: string,
  nested: Iterable<BytePath>,
  none: string,
): Promise<BytePath[]> {
  const found: BytePath[] = [];
  for (const name of nested) {
    const inner = join(folder, Buffer.from(name, 'latin1').toString());
    const isFolder = await lstat(inner).then(
      (stat) => stat.isDirectory(),
      () => false,
    );
    if (!isFolder) continue;
    const own = await lstat(join(inner, '.git')).then(
      () => true,
      () => false,
    );
    const plain = () => listFiles(git, inner, undefined, none);
    // One that is broken, as those that tests come with may be on purpose, is a folder with files all the same.
    const paths = own ? await listFiles(git, inner, inner, none).catch(elseIfGitFails(plain)) : await plain();
    for (const path of paths) found.push(`${name}/${path}`);
  }
  return found;
}

/** Those of the paths at which there is a file, a link, or nothing: git reads nothing else, and fails over it. */
export async function onlyFiles(folder: string, paths: readonly BytePath[]): Promise<BytePath[]> {
  const root = Buffer.from(`${folder}/`);
  const isOdd = async (path: BytePath) => {
    const stat = await lstat(Buffer.concat([root, bytesOf(path)])).catch(() => undefined);
    return stat !== undefined && !stat.isFile() && !stat.isSymbolicLink() && !stat.isDirectory();
  };
  const odd = await Promise.all(paths.map(isOdd));
  return paths.filter((_, at) => !odd[at]);
}

/** What a folder holds that is in no index: files, and folders that git takes for repositories. */
export async function listPlain(
  git: Git,
  folder: string,
  own: Pick<GitCall, 'gitDir' | 'index' | 'workTree'>,
): Promise<Listed> {
  const args = ['ls-files', '-z', '--others', '--exclude-standard'];
  const { stdout } = await git.run(args, { cwd: folder, ...own });
  return divided(readPaths(stdout));
}

/** The settings of a repository do not decide which files are looked at: its work tree is said to be `top`. */
async function listRepository(git: Git, folder: string, top: string): Promise<Listed> {
  const place = { cwd: folder, workTree: top };
  const [tracked, others] = await Promise.all([
    git.run(['ls-files', '-z', '--stage'], place),
    git.run(['ls-files', '-z', '--others', '--exclude-standard'], place),
  ]);
  const listed = readPaths(tracked.stdout).map((entry) => {
    const [facts = '', ...path] = entry.split('\t');
    return path.join('\t') + (facts.startsWith('160000') ? '/' : '');
  });
  return divided([...new Set(listed), ...readPaths(others.stdout)]);
}

interface Listed {
  readonly files: BytePath[];
  /** Those that git takes for repositories. */
  readonly folders: BytePath[];
}

function divided(paths: readonly BytePath[]): Listed {
  const folders = paths.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
  return { files: paths.filter((path) => !path.endsWith('/')), folders };
}

function elseIfGitFails<T>(other: () => Promise<T>) {
  return (error: unknown): Promise<T> => {
    if (error instanceof GitError) return other();
    throw error;
  };
}
