import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PermissionRequest, ProposedEdit } from '@parleyhq/agents';
import { createSharedRead } from '@parleyhq/agents';
import type { Patch, PatchFile } from '@parleyhq/contract';
import type { Logger } from 'pino';
import { pendingApproval } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import { contentId } from '../workspace/content-id.js';
import { planFiles } from '../workspace/planned-file.js';
import type { Differ, PlannedDiff } from './differ.js';
import { startPatch } from './fit-patch.js';
import { inTurn, summaryOf } from './patches.js';

/** The pending patch of a direct workspace, with its approvals and files. */
export interface PendingPatch {
  readonly patch: Patch;
  readonly approvalIds: readonly string[];
  /** All files. Their diffs are in the patch alone. */
  readonly files: readonly Omit<PlannedDiff, 'diff' | 'bytes'>[];
}

/** The edits that wait for consent. Together they form the pending patch; each change of it is a `patch_updated`. */
export interface PendingEdits {
  add(approvalId: string, request: PermissionRequest): Promise<void>;
  remove(approvalIds: readonly string[]): void;
  /** The patch, computed against the current files. */
  current(): Promise<PendingPatch | undefined>;
}

/** The options of pending edits. */
export interface PendingEditsOptions {
  readonly cwd: string;
  /** The server's data directory, resolved. */
  readonly dataDir: string;
  readonly differ: Differ;
  /** The most bytes of a patch as JSON. */
  readonly maxPatchBytes: number;
}

/** The edits of one approval. The agent's budget bounds how much of them is kept. */
interface WaitingEdits {
  readonly edits: readonly ProposedEdit[];
  /** Follows from the content. */
  readonly hash: string;
}

/** Milliseconds until a new patch is announced: edits that an agent asks for at once are one patch. */
const GATHER = 30;

/** Keeps the edits of one session that wait for consent. */
export function createPendingEdits(
  journal: Journal,
  { cwd, dataDir, differ, maxPatchBytes }: PendingEditsOptions,
  logger: Logger,
): PendingEdits {
  const waiting = new Map<string, WaitingEdits>();
  const current = createSharedRead(read);
  const announce = createSharedRead(tell);

  async function read(): Promise<PendingPatch | undefined> {
    if (waiting.size === 0) return undefined;
    const approvals = [...waiting];
    const edits = approvals.flatMap(([, of]) => of.edits);
    const patch = startPatch(maxPatchBytes);
    const files: PendingPatch['files'][number][] = [];
    for (const plan of planFiles(cwd, edits, dataDir)) {
      const { diff, bytes, file, ...planned } = await differ.diff(plan);
      files.push({ file: patch.add({ file, diff, bytes }), ...planned });
    }
    const conflicts = files.flatMap(({ file: { path }, problem }) =>
      problem === undefined ? [] : [{ path, reason: problem }],
    );
    const { whole, ...parts } = patch.end(conflicts);
    return {
      approvalIds: approvals.map(([id]) => id),
      files,
      patch: {
        patch_id: contentId(JSON.stringify(approvals.map(([id, { hash }]) => [id, hash]))),
        ...parts,
        exact: whole && files.every(({ exact }) => exact),
        applicable: conflicts.length === 0,
      },
    };
  }

  /** Announces the current patch. Announcements run one after another, so that the last one is the newest. */
  async function tell(): Promise<void> {
    try {
      const pending = await current();
      if (pending?.patch.patch_id === journal.head.state.patch?.patch_id) return;
      // Another edit was asked for while files were read: it will be announced with these.
      if (pending !== undefined && waiting.size > pending.approvalIds.length) return;
      // An approval was answered while files were read. The rest is announced when that approval is removed.
      // Without this: tells of a patch whose approval has been answered
      if (pending?.approvalIds.some((id) => pendingApproval(journal.head, id) === undefined)) return;
      const patch = pending === undefined ? null : summaryOf(pending.patch.patch_id, filesOf(pending));
      await journal.append([{ type: 'patch_updated', ...inTurn(journal), patch }]);
    } catch (err) {
      logger.error({ err }, 'the pending patch could not be announced');
    }
  }

  return {
    current,
    async add(approvalId, { edits }) {
      if (edits.length === 0) return;
      waiting.set(approvalId, { edits, hash: hashOf(edits) });
      await delay(GATHER);
      await announce();
    },
    remove(approvalIds) {
      const removed = approvalIds.filter((id) => waiting.delete(id));
      if (removed.length > 0) void announce();
    },
  };
}

/** The files of a patch, as the API shows them. */
export function filesOf({ files }: Pick<PendingPatch, 'files'>): PatchFile[] {
  return files.map(({ file }) => file);
}

function hashOf(edits: readonly ProposedEdit[]): string {
  const hash = createHash('sha256');
  for (const { path, oldText, newText } of edits) {
    hash.update(JSON.stringify([path, oldText?.length ?? null, newText?.length ?? null]));
    hash.update(oldText ?? '').update(newText ?? '');
  }
  return hash.digest('hex');
}
