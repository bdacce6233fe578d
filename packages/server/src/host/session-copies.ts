import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { removeFolder } from '../files/remove-folder.js';
import type { SessionFold } from '../journal/fold.js';
import type { IsolatedWorkspace } from '../workspace/isolated-workspace.js';
import {
  createIsolatedWorkspaces,
  createLostWorkspace,
  type IsolatedWorkspacesOptions,
} from '../workspace/open-workspace.js';

/** The copies that sessions with an isolated workspace work in. */
export interface SessionCopies {
  /** @throws ServiceError `InvalidRequest`, `Unavailable` */
  create(sessionId: string, cwd: string): Promise<IsolatedWorkspace>;
  /** A copy with the same content and the same pending patch as that of another session. Rejects as `create` does. */
  fork(sessionId: string, from: IsolatedWorkspace, fold: SessionFold): Promise<IsolatedWorkspace>;
  /** The copy that an earlier process made; undefined for a closed session, or for one that works in `cwd` itself. */
  restore(sessionId: string, fold: SessionFold): Promise<IsolatedWorkspace | undefined>;
  /** Removes everything that does not belong to an open session. */
  sweep(open: ReadonlySet<string>): Promise<void>;
}

/** Keeps the copies in a folder with one entry per session. What copies of one directory share is in `sources` beside it. */
export function createSessionCopies(folder: string, logger: Logger, options: IsolatedWorkspacesOptions): SessionCopies {
  const workspaces = createIsolatedWorkspaces(join(dirname(folder), 'sources'), options);

  return {
    create: (sessionId, cwd) => workspaces.create(cwd, join(folder, sessionId)),
    fork: (sessionId, from, { state, applied }) =>
      workspaces.fork(
        from,
        applied.map(({ patch_id }) => patch_id),
        state.cwd,
        join(folder, sessionId),
      ),

    async restore(sessionId, { state, applied }) {
      const place = join(folder, sessionId);
      const isThere = await stat(place).then(
        () => true,
        () => false,
      );
      if (state.workspace !== 'isolated' || (state.closed_at !== null && !isThere)) return undefined;
      try {
        const workspace = await workspaces.reopen(state.cwd, place);
        if (state.closed_at === null) return workspace;
        // The session is closed, but its copy was not removed: the server was killed in between.
        await workspace.recover(applied.map(({ patch_id }) => patch_id));
      } catch (err) {
        logger.error({ err, session_id: sessionId }, 'the copy of an isolated workspace is lost');
        return state.closed_at === null ? createLostWorkspace(place) : undefined;
      }
      return undefined;
    },

    async sweep(open) {
      const names = await readdir(folder).catch(() => []);
      for (const name of names) {
        // A folder that cannot be removed takes space, but must not prevent the start.
        const report = (err: unknown) => logger.error({ err, session_id: name }, 'the folder of a session stays');
        if (!open.has(name)) await removeFolder(join(folder, name)).catch(report);
      }
      await workspaces.sweep();
    },
  };
}
