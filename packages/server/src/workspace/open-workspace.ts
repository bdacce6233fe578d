import { mkdir, realpath } from 'node:fs/promises';
import { ServiceError } from '@parleyhq/contract';
import { removeFolder } from '../files/remove-folder.js';
import { type BytePath, bytesOf } from './byte-path.js';
import { createCopy, openCopy } from './copy/copy.js';
import { createSourceCache } from './copy/source-cache.js';
import { createGit, GitError, GitTimeout, withDefaults } from './git/git.js';
import { OddGitFile } from './git/git-folders.js';
import { createIsolatedWorkspace, type IsolatedWorkspace } from './isolated-workspace.js';
import { createPathLocks } from './path-locks.js';

/** Creates isolated workspaces, and opens those of earlier processes. */
export interface IsolatedWorkspaces {
  /**
   * Copies a directory.
   *
   * @param folder a folder of the server for everything that belongs to this workspace
   * @throws ServiceError `InvalidRequest` for a directory that cannot be copied, `Unavailable` if git fails or is missing.
   */
  create(cwd: string, folder: string): Promise<IsolatedWorkspace>;
  /** A workspace with the files and the pending change of another one. Rejects as `create` does. */
  fork(from: IsolatedWorkspace, applied: readonly string[], cwd: string, folder: string): Promise<IsolatedWorkspace>;
  /** @throws Error if the copy is missing or incomplete. */
  reopen(cwd: string, folder: string): Promise<IsolatedWorkspace>;
  /** Removes the cached contents of directories that have not been copied for long and have no open copy. */
  sweep(): Promise<void>;
}

/** The options of workspaces. */
export interface IsolatedWorkspacesOptions {
  /** The environment for git, with its PATH. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * Milliseconds for each git command that reads a copy. An agent may have put anything there, and it must not delay the end of
   * a turn for long (promise 6).
   */
  readonly readTimeout: number;
  /** Ends what reads a project: it may be busy with it for long. */
  readonly stopping?: AbortSignal | undefined;
}

/**
 * Creates the workspaces of one server.
 *
 * @param cacheFolder the folder of the source cache
 */
export function createIsolatedWorkspaces(
  cacheFolder: string,
  { env, readTimeout, stopping }: IsolatedWorkspacesOptions,
): IsolatedWorkspaces {
  const git = createGit(env);
  const locks = createPathLocks();
  const stoppable = withDefaults(git, { signal: stopping });
  const cache = createSourceCache(stoppable, cacheFolder);
  const inUse = new Set<string>();

  async function open(cwd: string, folder: string, unreadable: readonly BytePath[] = []): Promise<IsolatedWorkspace> {
    const copy = await openCopy(withDefaults(git, { limit: readTimeout }), folder);
    inUse.add(copy.source);
    const leftOut = unreadable.map((path) => bytesOf(path).toString());
    return createIsolatedWorkspace({ git, locks, copy, cwd, folder, leftOut });
  }

  async function make(
    cwd: string,
    folder: string,
    write: (real: string) => Promise<readonly BytePath[]>,
  ): Promise<IsolatedWorkspace> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      // The agent will see the resolved path.
      const real = await realpath(folder);
      return await open(cwd, real, await write(real));
    } catch (error) {
      await removeFolder(folder);
      if (error instanceof OddGitFile) throw notCopied(error);
      if (!(error instanceof GitError || error instanceof GitTimeout)) throw error;
      throw new ServiceError('Unavailable', `${cwd} cannot be copied: ${error.message}`, { cause: error });
    }
  }

  return {
    create: (cwd, folder) => make(cwd, folder, (real) => createCopy({ git: stoppable, cache, locks }, cwd, real)),
    fork: (from, applied, cwd, folder) =>
      make(cwd, folder, async (real) => {
        await from.fork(applied, real);
        return [];
      }),
    async reopen(cwd, folder) {
      return open(cwd, await realpath(folder));
    },
    sweep: () => cache.sweep(inUse),
  };
}

function notCopied({ message }: OddGitFile): ServiceError {
  return new ServiceError('InvalidRequest', `cwd: ${message}.`, { details: [{ pointer: '/body/cwd', message }] });
}

/** A workspace whose copy is lost. Its session can be read and closed; other commands say that the copy is lost. */
export function createLostWorkspace(folder: string): IsolatedWorkspace {
  const lost = async () => {
    throw new ServiceError(
      'Unavailable',
      'The copy that this session works in is lost; close the session and create another one.',
    );
  };
  return {
    folder,
    top: folder,
    leftOut: [],
    pending: lost,
    describe: lost,
    fork: lost,
    apply: lost,
    revert: lost,
    recover: async () => [],
    remove: () => removeFolder(folder),
  };
}
