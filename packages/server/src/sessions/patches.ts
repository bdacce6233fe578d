import {
  type ApplyPatchResponse,
  type FileProblem,
  type PatchAppliedEvent,
  type PatchRequest,
  type RevertPatchResponse,
  type RevertRequest,
  ServiceError,
} from '@parleyhq/contract';
import type { KeptPatches } from '../workspace/kept-patches.js';
import { readFileIfAny } from '../workspace/planned-file.js';
import type { Approvals } from './approvals.js';
import type { RecordAnswer } from './idempotency.js';
import { type Journal, refuseClosed } from './journal.js';
import type { PendingEdits, PendingPatch } from './pending-edits.js';
import type { ToolCallWatch } from './tool-call-watch.js';

/** The patch of a direct workspace: a preview of what the agent writes once the user consents (promise 7). */
export interface Patches {
  current(): Promise<PendingPatch>;
  apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse>;
  revert(request: RevertRequest, record: RecordAnswer<RevertPatchResponse>): Promise<RevertPatchResponse>;
  /** Resolves when no patch is being applied: what landed in a turn is told before the turn's end. */
  settled(): Promise<void>;
}

/** What patches need of their session. */
export interface PatchesOptions {
  readonly journal: Journal;
  readonly edits: PendingEdits;
  readonly approvals: Approvals;
  readonly toolCalls: ToolCallWatch;
  readonly kept: KeptPatches;
}

/** Creates the patch commands of a session. */
export function createPatches({ journal, edits, approvals, toolCalls, kept }: PatchesOptions): Patches {
  const applying = new Set<Promise<unknown>>();
  let before: Promise<unknown> = Promise.resolve();

  /** One after another: what one command looks at and keeps, no other may change meanwhile. */
  function alone<T>(command: () => Promise<T>): Promise<T> {
    const mine = before.then(command, command);
    before = mine;
    return mine;
  }

  async function current(): Promise<PendingPatch> {
    const pending = await edits.current();
    if (pending !== undefined) return pending;
    throw new ServiceError('NoPendingPatch', 'The agent wants to change nothing at the moment.');
  }

  /** Keeps the bytes of a patch and consents to it. `ended` resolves when the agent has acted on that. */
  async function consent(request: PatchRequest): Promise<{ pending: PendingPatch; ended: Promise<void> }> {
    refuseClosed(journal);
    const pending = await current();
    const { patch_id, conflicts } = pending.patch;
    if (request.patch_id !== undefined && request.patch_id !== patch_id) {
      throw new ServiceError('PatchSuperseded', `The pending patch is ${patch_id} by now; fetch it and decide again.`);
    }
    if (conflicts.length > 0) throw conflict('The patch cannot be applied; nothing has changed.', conflicts);
    await kept.keep(patch_id, pending.files);
    // Looked at last: while files were read, somebody may have answered, or the turn may have ended.
    const consented = journal.head.state.pending_approvals.filter(({ approval_id }) =>
      pending.approvalIds.includes(approval_id),
    );
    if (consented.length < pending.approvalIds.length) {
      throw new ServiceError('PatchSuperseded', 'The agent no longer waits for consent to all of the patch.');
    }
    const ended = toolCalls.ended(consented.map(({ tool_call }) => tool_call.item_id));
    await approvals.allow(consented);
    return { pending, ended };
  }

  async function apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse> {
    const { pending, ended } = await alone(() => consent(request));
    // Others may go on meanwhile: the agent may ask again before it has acted.
    await ended;
    const { patch_id, files } = pending.patch;
    const missing = await notWritten(pending);
    const landed = files.filter(({ path }) => !missing.some((problem) => problem.path === path));
    await kept.landed(
      patch_id,
      landed.map(({ path }) => path),
    );
    const { turn_id } = journal.head.state;
    const applied: PatchAppliedEvent = {
      type: 'patch_applied',
      ...(turn_id === null ? {} : { turn_id }),
      patch_id,
      files: landed,
      failed: missing,
    };
    const answer: ApplyPatchResponse = { status: 'applied', timestamp: Date.now(), patch_id, files };
    await journal.append([applied], missing.length === 0 ? record?.(() => answer) : undefined);
    if (missing.length > 0) throw conflict('The agent did not write every file of the patch.', missing);
    return answer;
  }

  async function revert(
    request: RevertRequest,
    record: RecordAnswer<RevertPatchResponse>,
  ): Promise<RevertPatchResponse> {
    refuseClosed(journal);
    const last = journal.head.applied.at(-1);
    if (last === undefined || last.patch_id !== request.patch_id) {
      const lastly = last === undefined ? 'no patch has been applied' : `the last one applied is ${last.patch_id}`;
      throw new ServiceError('NothingToRevert', `Patch ${request.patch_id} cannot be reverted: ${lastly}.`);
    }
    const problems = await kept.restore(last.patch_id);
    if (problems.length > 0) throw conflict('The patch cannot be reverted; nothing has changed.', problems);
    const { patch_id, files } = last;
    const answer: RevertPatchResponse = { status: 'reverted', timestamp: Date.now(), patch_id, files };
    await journal.append(
      [{ type: 'patch_reverted', patch_id, files }],
      record?.(() => answer),
    );
    return answer;
  }

  return {
    current,
    revert: (request, record) => alone(() => revert(request, record)),
    async apply(request, record) {
      const applied = apply(request, record);
      applying.add(applied);
      try {
        return await applied;
      } finally {
        applying.delete(applied);
      }
    },
    settled: async () => void (await Promise.allSettled(applying)),
  };
}

/** The files that still hold the bytes from before the agent was allowed to write them. */
async function notWritten({ files }: PendingPatch): Promise<FileProblem[]> {
  const problems: FileProblem[] = [];
  for (const { path, absolute, before, after, exact } of files) {
    const now = await readFileIfAny(absolute);
    const same = before === null ? now === null : now?.equals(before) === true;
    const intended = exact && now?.equals(after) === true;
    if (same && !intended) problems.push({ path, reason: 'the agent was allowed to write it and did not' });
  }
  return problems;
}

function conflict(message: string, problems: readonly FileProblem[]): ServiceError {
  const details = problems.map(({ path, reason }) => ({
    pointer: `/files/${path.replace(/~/g, '~0').replace(/\//g, '~1')}`,
    message: `${path}: ${reason}`,
  }));
  return new ServiceError('PatchConflict', message, { details });
}
