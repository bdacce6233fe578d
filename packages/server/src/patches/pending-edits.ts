import type { PermissionRequest, ProposedEdit } from '@parleyhq/agents';
import type { Patch } from '@parleyhq/contract';
import type { Logger } from 'pino';
import { pendingApproval } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import { contentId } from '../workspace/content-id.js';
import { type PlannedFile, planFiles } from '../workspace/planned-file.js';
import { inTurn, summaryOf } from './patches.js';
import { diffFile } from './unified-diff.js';

/** The pending patch of a direct workspace, with its approvals and files. */
export interface PendingPatch {
  readonly patch: Patch;
  readonly approvalIds: readonly string[];
  readonly files: readonly PlannedFile[];
}

/** The edits that wait for consent. Together they form the pending patch; each change of it is a `patch_updated`. */
export interface PendingEdits {
  add(approvalId: string, request: PermissionRequest): Promise<void>;
  remove(approvalIds: readonly string[]): void;
  /** The patch, computed against the current files. */
  current(): Promise<PendingPatch | undefined>;
}

/** Keeps the edits of one session that wait for consent. */
export function createPendingEdits(
  journal: Journal,
  { cwd, dataDir }: { readonly cwd: string; readonly dataDir: string },
  logger: Logger,
): PendingEdits {
  const waiting = new Map<string, readonly ProposedEdit[]>();
  let announced: Promise<void> = Promise.resolve();

  async function current(): Promise<PendingPatch | undefined> {
    if (waiting.size === 0) return undefined;
    const edits = [...waiting];
    const files = await planFiles(
      cwd,
      edits.flatMap(([, of]) => of),
      dataDir,
    );
    const diffs = files.map(diffFile);
    const conflicts = files.flatMap(({ path, problem }) => (problem === undefined ? [] : [{ path, reason: problem }]));
    return {
      approvalIds: edits.map(([id]) => id),
      files,
      patch: {
        patch_id: contentId(JSON.stringify(edits)),
        files: diffs.map(({ file }) => file),
        diff: diffs.map(({ diff }) => diff).join(''),
        exact: files.every(({ exact }) => exact),
        applicable: conflicts.length === 0,
        conflicts,
      },
    };
  }

  /** Announces the current patch. Announcements run one after another, so that the last one is the newest. */
  function announce(): Promise<void> {
    announced = announced.then(async () => {
      const pending = await current();
      if (pending?.patch.patch_id === journal.head.state.patch?.patch_id) return;
      // An approval was answered while files were read. The rest is announced when that approval is removed.
      // Without this: tells of a patch whose approval has been answered
      if (pending?.approvalIds.some((id) => pendingApproval(journal.head, id) === undefined)) return;
      const patch = pending === undefined ? null : summaryOf(pending.patch);
      await journal.append([{ type: 'patch_updated', ...inTurn(journal), patch }]);
    });
    announced = announced.catch((err: unknown) => logger.error({ err }, 'the pending patch could not be announced'));
    return announced;
  }

  return {
    current,
    async add(approvalId, { edits }) {
      if (edits.length === 0) return;
      waiting.set(approvalId, edits);
      await announce();
    },
    remove(approvalIds) {
      const removed = approvalIds.filter((id) => waiting.delete(id));
      if (removed.length > 0) void announce();
    },
  };
}
