import { mkdir, realpath } from 'node:fs/promises';
import { ServiceError } from '@parleyhq/contract';
import { removeFolder } from '../files/remove-folder.js';
import { createCopy, openCopy } from './copy/copy.js';
import { createSourceCache } from './copy/source-cache.js';
import { createGit, GitError, GitTimeout, withLimit } from './git/git.js';
import { createIsolatedWorkspace, type IsolatedWorkspace } from './isolated-workspace.js';
import { createPathLocks } from './path-locks.js';

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

/** How workspaces are set up. */
export interface IsolatedWorkspacesOptions {
  /** What git is looked up in. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * Milliseconds for each git command that reads a copy: an agent may have put anything there, and nothing of it may hold
   * up the end of a turn for long (promise 6).
   */
  readonly readTimeout: number;
}

/**
 * The workspaces of one server.
 *
 * @param cacheFolder keeps what has been read of directories from one copy to the next
 */
export function createIsolatedWorkspaces(
  cacheFolder: string,
  { env, readTimeout }: IsolatedWorkspacesOptions,
): IsolatedWorkspaces {
  const git = createGit(env);
  const locks = createPathLocks();
  const cache = createSourceCache(git, cacheFolder);
  const inUse = new Set<string>();

  async function open(cwd: string, folder: string): Promise<IsolatedWorkspace> {
    const copy = await openCopy(withLimit(git, readTimeout), folder);
    inUse.add(copy.source);
    return createIsolatedWorkspace({ git, locks, copy, cwd, folder });
  }

  return {
    async create(cwd, folder) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        // As the agent will see it, links followed.
        const real = await realpath(folder);
        await createCopy({ git, cache, locks }, cwd, real);
        return await open(cwd, real);
      } catch (error) {
        await removeFolder(folder);
        if (!(error instanceof GitError || error instanceof GitTimeout)) throw error;
        throw new ServiceError('Unavailable', `${cwd} cannot be copied: ${error.message}`, { cause: error });
      }
    },
    async reopen(cwd, folder) {
      return open(cwd, await realpath(folder));
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
    top: folder,
    pending: lost,
    describe: lost,
    apply: lost,
    revert: lost,
    recover: async () => [],
    remove: () => removeFolder(folder),
  };
}
