import { mkdir, realpath, rm } from 'node:fs/promises';
import { ServiceError } from '@parleyhq/contract';
import { type Copy, createCopy, reopenCopy } from './copy.js';
import { createGit, GitError } from './git.js';
import { createPathLocks } from './path-locks.js';
import { createSourceCache } from './source-cache.js';
import { createIsolatedWorkspace, type IsolatedWorkspace } from './workspace.js';

/** Makes isolated workspaces, and finds those again that an earlier process made. */
export interface IsolatedWorkspaces {
  /**
   * Copies a directory.
   *
   * @param folder of the server's own, for everything that belongs to this workspace
   * @throws ServiceError `InvalidRequest` for a directory that cannot be copied, `Unavailable` where git fails or is missing.
   */
  create(cwd: string, folder: string): Promise<IsolatedWorkspace>;
  /** @throws Error where there is no whole copy any more. */
  reopen(cwd: string, folder: string): Promise<IsolatedWorkspace>;
  /** Forgets what is known of directories that have not been copied for long, and are not open. */
  sweep(): Promise<void>;
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
  const inUse = new Set<string>();

  function opened(copy: Copy, cwd: string, folder: string): IsolatedWorkspace {
    inUse.add(copy.source);
    return createIsolatedWorkspace({ git, locks, copy, cwd, folder });
  }

  return {
    async create(cwd, folder) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        // As the agent will see it, links followed.
        const real = await realpath(folder);
        return opened(await createCopy({ git, cache, locks }, cwd, real), cwd, real);
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        if (!(error instanceof GitError)) throw error;
        throw new ServiceError('Unavailable', `${cwd} cannot be copied: ${error.message}`, { cause: error });
      }
    },
    async reopen(cwd, folder) {
      const real = await realpath(folder);
      return opened(await reopenCopy(git, real), cwd, real);
    },
    sweep: () => cache.sweep(inUse),
  };
}

/** Stands for a copy that is gone: its session can be read and closed, and says what it lacks. */
export function createLostWorkspace(folder: string): IsolatedWorkspace {
  const lost = async () => {
    throw new ServiceError(
      'Unavailable',
      'The copy that this session works in is gone; close it and create another one.',
    );
  };
  return {
    folder,
    pending: lost,
    describe: lost,
    apply: lost,
    revert: lost,
    recover: async () => [],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
