import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingPath } from '../../files/is-missing.js';
import { type BytePath, bytesOf, readPaths } from '../byte-path.js';
import { excludeOptions, readExcludes } from '../git/excludes.js';
import { type Git, type GitCall, GitError } from '../git/git.js';
import { lookForRepository, OddGitFile } from '../git/git-folders.js';
import { readIndex } from '../git/read-index.js';
import { READ_FILE } from '../landing/on-disk.js';

/** Files that are opened at the same time. */
const AT_ONCE = 32;

/**
 * All files and links of a folder, except those that git ignores. Files of nested repositories, also submodules, are listed
 * too, by the ignore rules of those repositories. Nothing named `.git` is listed.
 *
 * @param top the top of the user's repository that contains the folder; undefined if there is none
 * @param none a repository of the server, used for folders that are not in a repository
 */
export async function listFiles(git: Git, folder: string, top: string | undefined, none: string): Promise<BytePath[]> {
  const { files, folders } =
    top === undefined
      ? await listPlain(git, folder, { gitDir: none, index: join(none, 'no-index'), workTree: folder })
      : await listRepository(git, folder, top, none);
  return [...files, ...(await listNested(git, folder, folders, none))];
}

/** The files in folders that git treats as nested repositories. */
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
    const ofRepository = async () => {
      await lookForRepository(inner);
      return listFiles(git, inner, inner, none);
    };
    // A broken repository, for example a test fixture, is listed as a plain folder.
    const paths = own ? await ofRepository().catch(orIfUnreadable(plain)) : await plain();
    for (const path of paths) found.push(`${name}/${path}`);
  }
  return found;
}

/** The paths without those of pipes, sockets and devices: git cannot read them and fails. Missing files stay in the list. */
export async function onlyFiles(folder: string, paths: readonly BytePath[]): Promise<BytePath[]> {
  const root = Buffer.from(`${folder}/`);
  const isOdd = async (path: BytePath) => {
    const stat = await lstat(Buffer.concat([root, bytesOf(path)])).catch(() => undefined);
    return stat !== undefined && !stat.isFile() && !stat.isSymbolicLink() && !stat.isDirectory();
  };
  const odd = await Promise.all(paths.map(isOdd));
  return paths.filter((_, at) => !odd[at]);
}

/** Those of the paths that are there and that the server may not read. */
export async function findUnreadable(folder: string, paths: readonly BytePath[]): Promise<BytePath[]> {
  const found: BytePath[] = [];
  const look = async (path: BytePath) => {
    const at = Buffer.concat([Buffer.from(`${folder}/`), bytesOf(path)]);
    try {
      if ((await lstat(at)).isFile()) await (await open(at, READ_FILE)).close();
    } catch (error) {
      if (!isMissingPath(error)) found.push(path);
    }
  };
  for (let next = 0; next < paths.length; next += AT_ONCE)
    await Promise.all(paths.slice(next, next + AT_ONCE).map(look));
  return found;
}

/** The contents of a folder that are not in the index: files, and folders that git treats as repositories. */
export async function listPlain(
  git: Git,
  folder: string,
  own: Pick<GitCall, 'gitDir' | 'index' | 'workTree'>,
): Promise<Listed> {
  const args = ['ls-files', '-z', '--others', '--exclude-standard'];
  const { stdout } = await git.run(args, { cwd: folder, ...own });
  return splitFolders(readPaths(stdout));
}

/** The files of a repository. Its work tree is set to `top`, so that its own settings cannot choose another one. */
async function listRepository(git: Git, folder: string, top: string, none: string): Promise<Listed> {
  const place = { cwd: folder, workTree: top };
  const excludes = await excludeOptions(none, await readExcludes(git, top));
  const [tracked, others] = await Promise.all([
    readIndex(git, place),
    git.run(['ls-files', '-z', '--others', ...excludes], place),
  ]);
  const listed = tracked.flatMap(({ path, mode, isLeftOut }) =>
    isLeftOut ? [] : [path + (mode === '160000' ? '/' : '')],
  );
  return splitFolders([...new Set(listed), ...readPaths(others.stdout)]);
}

interface Listed {
  readonly files: BytePath[];
  /** Folders that git treats as repositories. */
  readonly folders: BytePath[];
}

function splitFolders(paths: readonly BytePath[]): Listed {
  const folders = paths.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
  return { files: paths.filter((path) => !path.endsWith('/')), folders };
}

function orIfUnreadable<T>(other: () => Promise<T>) {
  return (error: unknown): Promise<T> => {
    if (error instanceof GitError || error instanceof OddGitFile) return other();
    throw error;
  };
}
