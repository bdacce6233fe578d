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
  /** The copy that an earlier process made; none for a session that is closed, or that works in `cwd` itself. */
  restore(sessionId: string, fold: SessionFold): Promise<IsolatedWorkspace | undefined>;
  /** Removes what belongs to no session that is open any more. */
  sweep(open: ReadonlySet<string>): Promise<void>;
}

/** Keeps copies in a folder with one entry a session; what they share of a directory is kept in `sources` beside it. */
export function createSessionCopies(folder: string, logger: Logger, options: IsolatedWorkspacesOptions): SessionCopies {
  const workspaces = createIsolatedWorkspaces(join(dirname(folder), 'sources'), options);

  return {
    create: (sessionId, cwd) => workspaces.create(cwd, join(folder, sessionId)),

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
        // Closed, but not cleared away: the server was killed in between.
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
        // What cannot be removed costs room, and nobody the start.
        const tell = (err: unknown) => logger.error({ err, session_id: name }, 'what is left of a session stays');
        if (!open.has(name)) await removeFolder(join(folder, name)).catch(tell);
      }
      await workspaces.sweep();
    },
  };
}
