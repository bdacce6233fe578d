import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '@parleyhq/contract';
import type { BytePath } from '../byte-path.js';
import { type Git, GitError } from '../git/git.js';
import type { Recorded } from '../git/recorded.js';
import type { Repository } from '../git/repository.js';
import { openStore } from '../git/store.js';
import { listKnown, writeTree } from '../git/write-tree.js';
import { findUnreadable, listFiles, onlyFiles } from './source-files.js';

/** The state of a directory: the id of a tree, and the repository with its objects. */
export interface Snapshot {
  readonly tree: string;
  readonly store: string;
  /** The files that are not in the tree, since the server may not read them. */
  readonly unreadable: readonly BytePath[];
}

/** The contents of copied directories, kept between sessions: a second copy reads only what has changed. */
export interface SourceCache {
  /**
   * Records the current state of a directory.
   *
   * @throws ServiceError `InvalidRequest` for a directory with too many files.
   */
  snapshot(cwd: string, repository: Repository | undefined): Promise<Snapshot>;
  /** Removes directories that were not copied for two weeks. `inUse`: the repositories that open copies use; they are kept. */
  sweep(inUse: ReadonlySet<string>): Promise<void>;
}

const MAX_FILES = 200_000;
const MAX_AGE_MS = 14 * 24 * 3_600_000;
/** Each snapshot may add a pack. With many packs, reading the directory again is cheaper. */
const MAX_PACKS = 50;
const TRIES = 3;

/** Creates a cache in a folder of the server, with one repository for each directory. */
export function createSourceCache(git: Git, folder: string): SourceCache {
  async function record(cwd: string, repository: Repository | undefined, store: string): Promise<Snapshot> {
    const recorded: Recorded = { gitDir: store, index: join(store, 'index'), workTree: cwd, prefix: '' };
    for (let tried = 1; ; tried += 1) {
      try {
        const [known, paths] = await Promise.all([
          listKnown(git, recorded),
          listFiles(git, cwd, repository?.top, store),
        ]);
        if (paths.length > MAX_FILES) throw tooMany(cwd, paths.length);
        // Without this: copies nothing of a directory with a file that the server may not read
        const unreadable = tried === 1 ? [] : await findUnreadable(cwd, paths);
        const without = new Set(unreadable);
        const files =
          tried === 1
            ? paths
            : await onlyFiles(
                cwd,
                paths.filter((path) => !without.has(path)),
              );
        return { tree: await writeTree(git, recorded, known, files), store, unreadable };
      } catch (error) {
        // A file may be a pipe or another special file, or unreadable, or may change while it is read.
        if (!(error instanceof GitError) || tried === TRIES) throw error;
        // The index may be damaged.
        if (tried === TRIES - 1) await rm(recorded.index, { force: true });
      }
    }
  }

  return {
    async snapshot(cwd, repository) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = createHash('sha256').update(cwd).digest('hex').slice(0, 32);
      const store = await openStore(git, join(folder, name));
      const now = new Date();
      await utimes(store, now, now);
      return record(cwd, repository, store);
    },

    async sweep(inUse) {
      const names = await readdir(folder).catch(() => []);
      for (const name of names) {
        const store = join(folder, name);
        if (inUse.has(store)) continue;
        const packs = await readdir(join(store, 'objects/pack')).catch(() => []);
        const { mtimeMs } = await stat(store);
        if (Date.now() - mtimeMs < MAX_AGE_MS && packs.length < 2 * MAX_PACKS) continue;
        await rm(store, { recursive: true, force: true });
      }
    },
  };
}

function tooMany(cwd: string, count: number): ServiceError {
  const message = `expected at most ${MAX_FILES} files that git does not ignore in ${cwd}, got ${count}`;
  return new ServiceError('InvalidRequest', `workspace: ${message}.`, {
    details: [{ pointer: '/body/workspace', message }],
  });
}
