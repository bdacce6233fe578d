import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files/write-whole.js';
import type { BytePath } from '../byte-path.js';
import { readExcludes } from '../git/excludes.js';
import { type Git, GitError } from '../git/git.js';
import { readProjectFile } from '../git/project-file.js';
import { type IndexEntry, readIndex } from '../git/read-index.js';
import { placeOf, type Recorded } from '../git/recorded.js';
import { findRepository, type Repository } from '../git/repository.js';
import { openStore, removeUnfinished } from '../git/store.js';
import { noteVerified } from '../git/verify-tree.js';
import { listKnown, writeTree } from '../git/write-tree.js';
import type { PathLocks } from '../path-locks.js';
import { createSerial } from '../serial.js';
import { writeBeginning, writeHistory } from './history.js';
import { recordLeftOut, withoutLeftOut } from './left-out.js';
import type { SourceCache } from './source-cache.js';
import { listNested, listPlain, onlyFiles } from './source-files.js';

/** The copy of a directory that an agent works in. */
export interface Copy {
  /** The folder that the agent works in. */
  readonly folder: string;
  /** The folder that the agent may write: `folder`, or the top of the copied repository that contains it. */
  readonly top: string;
  /** The server's own repository with `base` and all snapshots. The agent's `.git` is a different one. */
  readonly store: string;
  /** The id of a tree: the original directory when it was copied. */
  readonly base: string;
  /** The repository of the source cache whose objects the copy uses. */
  readonly source: string;
  /**
   * Records the current state of the copy in a tree. Calls run one after another.
   *
   * @throws GitError, or GitTimeout if git cannot finish reading a file of the agent
   */
  snapshot(): Promise<string>;
  /** Makes another copy with the files of this one, for which `base` is the original directory. */
  fork(base: string, cwd: string, folder: string): Promise<void>;
}

/** The content of `copy.json`. It is written last: a copy without it is incomplete. */
interface CopyFacts {
  readonly base: string;
  readonly source: string;
  readonly prefix: string;
  /** A tree of what git leaves out of the original directory. */
  readonly leftOut?: string | undefined;
}

const TRIES = 3;
const WORK_TREE = 'copy';

/**
 * Copies the current state of a directory, with uncommitted and untracked files, but without ignored ones. If it is inside a
 * repository, the copy contains only this directory, at the same relative path.
 *
 * @param folder a folder of the server, created if it does not exist
 * @returns the files that are left out, since the server may not read them
 * @throws ServiceError `InvalidRequest` for a directory that cannot be copied, `Unavailable` if there is no git.
 */
export async function createCopy(
  { git, cache, locks }: { git: Git; cache: SourceCache; locks: PathLocks },
  cwd: string,
  folder: string,
): Promise<readonly BytePath[]> {
  const repository = await findRepository(git, cwd);
  const { tree, store: source, unreadable } = await locks.locked(cwd, () => cache.snapshot(cwd, repository));
  const prefix = repository?.prefix ?? '';
  const store = await openStore(git, join(folder, 'store'), [join(source, 'objects')]);
  const workTree = await checkOut(git, folder, prefix, tree);
  let leftOut: string | undefined;
  if (repository === undefined) await writeBeginning(git, workTree, store, tree);
  else {
    const without = new Set(unreadable);
    const entries = (await readIndex(git, { cwd, workTree: repository.top })).map((entry) =>
      without.has(entry.path) ? { ...entry, isSkipped: true, isLeftOut: true } : entry,
    );
    leftOut = await recordLeftOut(git, store, entries);
    await writeRepository(git, workTree, store, repository, entries);
  }
  await writeFacts(folder, { base: tree, source, prefix, leftOut });
  return unreadable;
}

/** Writes the files of a tree into the copy of a folder, and returns its work tree. */
async function checkOut(git: Git, folder: string, prefix: string, tree: string): Promise<string> {
  const workTree = join(folder, WORK_TREE);
  await mkdir(join(workTree, prefix), { recursive: true, mode: 0o700 });
  const store = join(folder, 'store');
  const place = { cwd: workTree, gitDir: store, workTree, index: join(store, 'index') };
  await git.run(['read-tree', ...(prefix === '' ? [] : [`--prefix=${prefix}`]), tree], place);
  await git.run(['checkout-index', '--all', '--quiet', '--index', '--force'], place);
  await noteVerified(place, tree);
  return workTree;
}

/** Gives a copy what belongs to the repository of its directory. */
async function writeRepository(
  git: Git,
  workTree: string,
  store: string,
  repository: Repository,
  entries: readonly IndexEntry[],
): Promise<void> {
  const excludes = await readExcludes(git, repository.top);
  await writeWhole(join(store, 'info/exclude'), excludes);
  await copyRulesAbove(repository, workTree);
  await writeHistory(git, workTree, repository, { excludes, entries });
}

function writeFacts(folder: string, facts: CopyFacts): Promise<void> {
  return writeWhole(join(folder, 'copy.json'), JSON.stringify(facts));
}

/** Opens the copy in a folder, which this or an earlier process has made. */
export async function openCopy(git: Git, folder: string): Promise<Copy> {
  const facts: CopyFacts = JSON.parse(await readFile(join(folder, 'copy.json'), 'utf8'));
  await removeUnfinished(join(folder, 'store'));
  return copyOf(git, folder, facts);
}

function copyOf(git: Git, folder: string, { base, source, prefix, leftOut }: CopyFacts): Copy {
  const workTree = join(folder, WORK_TREE);
  const store = join(folder, 'store');
  const recorded: Recorded = { gitDir: store, index: join(store, 'index'), workTree, prefix };
  const place = placeOf(recorded);
  const serial = createSerial();

  async function record(check: boolean): Promise<string> {
    // The agent may have removed its working directory.
    await mkdir(place.cwd, { recursive: true });
    const [known, { files, folders }] = await Promise.all([listKnown(git, recorded), listPlain(git, place.cwd, place)]);
    const nested = await listNested(git, place.cwd, folders, store);
    const paths = [...new Set([...known, ...files, ...nested])];
    const tree = await writeTree(git, recorded, known, check ? await onlyFiles(place.cwd, paths) : paths);
    // Without this: has a patch bring what a sparse checkout has left out
    return leftOut === undefined ? tree : withoutLeftOut(git, recorded, { base, tree, leftOut });
  }

  async function snapshot(): Promise<string> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await record(tried > 1);
      } catch (error) {
        // A file may have been replaced, or may change while it is read: try again. The index may be damaged: make a new one
        // from the base.
        if (!(error instanceof GitError) || tried === TRIES) throw error;
        if (tried < TRIES - 1) continue;
        await rm(recorded.index, { force: true });
        const options = prefix === '' ? [] : [`--prefix=${prefix}`];
        await git.run(['read-tree', ...options, base], { ...place, cwd: workTree });
      }
    }
  }

  async function fork(base: string, cwd: string, target: string): Promise<void> {
    const tree = await snapshot();
    const forked = join(target, 'store');
    // Only the server writes there. What git keeps of the files of this copy does not hold for the other.
    await cp(store, forked, { recursive: true, filter: (path) => !path.startsWith(recorded.index) });
    const itsTree = await checkOut(git, target, prefix, tree);
    const repository = await findRepository(git, cwd);
    if (repository?.prefix === prefix) {
      const entries = await readIndex(git, { cwd, workTree: repository.top });
      await writeRepository(git, itsTree, forked, repository, entries);
    } else await writeBeginning(git, itsTree, forked, base);
    await writeFacts(target, { base, source, prefix, leftOut });
  }

  return {
    folder: place.cwd.replace(/\/$/, ''),
    top: workTree,
    store,
    base,
    source,
    snapshot: () => serial.run(snapshot),
    fork: (...of) => serial.run(() => fork(...of)),
  };
}

/** Copies the rules of git in the folders above the working directory. */
async function copyRulesAbove({ top, prefix }: Repository, workTree: string): Promise<void> {
  for (let folder = prefix; folder !== ''; ) {
    folder = folder.includes('/') && dirname(folder) !== '.' ? `${dirname(folder)}/` : '';
    for (const name of ['.gitignore', '.gitattributes']) {
      // Git does not read a link of this name either.
      const rules = await readProjectFile(join(top, folder, name));
      if (rules !== undefined) await writeFile(join(workTree, folder, name), rules);
    }
  }
}
