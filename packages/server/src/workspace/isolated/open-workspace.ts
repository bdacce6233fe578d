import { mkdir, rm } from 'node:fs/promises';
import { createCopy, reopenCopy } from './copy.js';
import { createGit } from './git.js';
import { createPathLocks } from './path-locks.js';
import { createSourceCache } from './source-cache.js';
import { createIsolatedWorkspace, type IsolatedWorkspace } from './workspace.js';

/** Makes isolated workspaces, and finds those again that an earlier process made. */
export interface IsolatedWorkspaces {
  /**
   * Copies a directory.
   *
   * @param folder of the server's own, for everything that belongs to this workspace
   * @throws ServiceError `InvalidRequest` for a directory that cannot be copied, `Unavailable` where there is no git.
   */
  create(cwd: string, folder: string): Promise<IsolatedWorkspace>;
  reopen(cwd: string, folder: string): Promise<IsolatedWorkspace>;
  /** Forgets what is known of directories that have not been copied for long. `open`: workspaces that still are. */
  sweep(open: readonly IsolatedWorkspace[]): Promise<void>;
}

/**
 * The workspaces of one server.
 *
 * @param cacheFolder keeps what has been read of directories from one copy to the next
 * @param env what git is looked up in. @default process.env
 */
export function createIsolatedWorkspaces(
  cacheFolder: string,
  env?: Readonly<Record<string, string | undefined>>,
): IsolatedWorkspaces {
  const git = createGit(env);
  const locks = createPathLocks();
  const cache = createSourceCache(git, cacheFolder);

  return {
    async create(cwd, folder) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const copy = await createCopy({ git, cache, locks }, cwd, folder);
        return createIsolatedWorkspace({ git, locks, copy, cwd, folder });
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
    async reopen(cwd, folder) {
      return createIsolatedWorkspace({ git, locks, copy: await reopenCopy(git, folder), cwd, folder });
    },
    sweep: (open) => cache.sweep(new Set(open.map(({ source }) => source))),
  };
}
