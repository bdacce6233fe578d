import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApplyPatchResponse,
  type Approval,
  type PatchAppliedEvent,
  type PatchFile,
  type PatchRequest,
  type RevertPatchResponse,
  type RevertRequest,
  ServiceError,
} from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { RecordAnswer } from '../journal/idempotency.js';
import { type Journal, refuseClosed } from '../journal/journal.js';
import { afterMilliseconds, retryWhileUnavailable } from '../log/retry-while-unavailable.js';
import type { ToolCallWatch } from '../sessions/tool-call-watch.js';
import type { AllowedPlaces } from '../workspace/roots.js';
import { createSerial } from '../workspace/serial.js';
import type { Differ } from './differ.js';
import { createKeptPatches } from './kept-patches.js';
import {
  checkLastApplied,
  checkPatchId,
  cwdProblems,
  inTurn,
  listedFiles,
  noPending,
  type Patches,
  patchConflict,
} from './patches.js';
import { createPendingEdits, type PendingPatch } from './pending-edits.js';

/** The options of the patches of a direct workspace. */
export interface DirectPatchesOptions {
  readonly journal: Journal;
  readonly logger: Logger;
  /** A folder of the server for the old content of changed files. */
  readonly folder: string;
  readonly toolCalls: ToolCallWatch;
  readonly places: AllowedPlaces;
  readonly differ: Differ;
  /** The most bytes of a patch as JSON. */
  readonly maxPatchBytes: number;
  /** How long an agent may take to write a patch, in milliseconds. */
  readonly applyTimeout: number;
  /** How long to retry while the log cannot be written, in milliseconds, before an applied patch is not recorded. */
  readonly patience: number;
  /** Allows these pending approvals. */
  readonly allow: (approvals: readonly Approval[]) => Promise<void>;
}

/** Milliseconds until the first look at whether an agent that says nothing has written a patch; each further look takes twice as long. */
const FIRST_LOOK = 250;
const LONGEST_LOOK = 2_000;

/**
 * Patches of a session whose agent writes into `cwd` itself. The pending patch consists of the edits that wait for consent: it
 * is a preview of what the agent will write (promise 7).
 */
export function createDirectPatches(options: DirectPatchesOptions): Patches {
  const { journal, logger, folder, toolCalls, places, differ, maxPatchBytes, applyTimeout, patience, allow } = options;
  const { cwd } = journal.head.state;
  const edits = createPendingEdits(journal, { cwd, dataDir: places.dataDir, differ, maxPatchBytes }, logger);
  const kept = createKeptPatches(folder, cwd);
  const applying = new Set<Promise<unknown>>();
  /** Runs commands one after another, so that none changes what another one has read or kept. */
  const serial = createSerial();

  async function current(): Promise<PendingPatch> {
    const pending = await edits.current();
    if (pending !== undefined) return pending;
    throw noPending();
  }

  /**
   * Keeps the old content of the files and allows the patch. `ended` resolves when the agent has finished its tool calls, with
   * whether they succeeded.
   */
  async function consent(request: PatchRequest): Promise<{ pending: PendingPatch; ended: Promise<boolean> }> {
    refuseClosed(journal);
    const pending = await current();
    const { patch_id, conflicts } = pending.patch;
    checkPatchId(request.patch_id, patch_id);
    const problems = [...(await cwdProblems(cwd, places)), ...conflicts];
    // Without this: applies a patch that has conflicts
    if (problems.length > 0) throw patchConflict('The patch cannot be applied; nothing has changed.', problems);
    await kept.keep(
      patch_id,
      pending.files.map(({ file: { path }, absolute }) => ({ path, absolute })),
    );
    // Checked last: an approval may have been answered, or the turn may have ended, while files were read.
    const consented = journal.head.state.pending_approvals.filter(({ approval_id }) =>
      pending.approvalIds.includes(approval_id),
    );
    // Without this: applies a patch that somebody has just rejected
    if (consented.length < pending.approvalIds.length) {
      throw new ServiceError('PatchSuperseded', 'The agent no longer waits for consent to all of the patch.');
    }
    const ended = toolCalls.ended(consented.map(({ tool_call }) => tool_call.item_id));
    await allow(consented);
    return { pending, ended };
  }

  async function apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse> {
    const { pending, ended } = await serial.run(() => consent(request));
    // Other commands may run now: the agent may need another answer before it can finish.
    const { patch_id, files_truncated } = pending.patch;
    const known = pending.files.flatMap(({ file: { path }, after }) =>
      after === undefined ? [] : [[path, after] as const],
    );
    const intended = new Map(known);
    const succeeded = await written(patch_id, intended, ended);
    const missing = await kept.landed(patch_id, intended, succeeded);
    const unwritten = new Set(missing.map(({ path }) => path));
    const landed: PatchFile[] = [];
    for (const { file, exact } of pending.files) {
      if (!unwritten.has(file.path)) landed.push(exact ? file : await asWritten(patch_id, file));
    }
    const counted = new Map(landed.map((file) => [file.path, file]));
    const files = pending.patch.files.map((file) => counted.get(file.path) ?? file);
    const applied: PatchAppliedEvent = {
      type: 'patch_applied',
      ...inTurn(journal),
      patch_id,
      ...listedFiles(landed),
      failed: [...missing],
    };
    const answer: ApplyPatchResponse = {
      ...{ status: 'applied', timestamp: Date.now(), patch_id, files },
      ...(files_truncated === undefined ? {} : { files_truncated }),
    };
    // The agent has written the files. If the log did not say so, the patch could not be reverted.
    await retryWhileUnavailable(
      () => journal.append([applied], missing.length === 0 ? record?.(() => answer) : undefined),
      afterMilliseconds(patience),
    );
    if (missing.length > 0) throw patchConflict('The agent did not write every file of the patch.', missing);
    return answer;
  }

  /** A file with the lines that have changed in it: an agent may have changed more than it said. */
  async function asWritten(patchId: string, file: PatchFile): Promise<PatchFile> {
    try {
      const { additions, deletions, omitted } = (await differ.diff(() => kept.change(patchId, file.path))).file;
      // Without this: counts what an agent said that it would change, and not what it did
      if (omitted === undefined) return { ...file, additions, deletions };
    } catch (err) {
      logger.warn({ err }, 'the lines that a patch has changed could not be counted');
    }
    return file;
  }

  /**
   * Waits until the agent has ended its tool calls, or has written all that was intended, or its time is over: some agents tell
   * the ends of their tool calls late, or never.
   *
   * @returns false if a tool call has failed, or ended without a word
   */
  async function written(
    patchId: string,
    intended: ReadonlyMap<string, string>,
    ended: Promise<boolean>,
  ): Promise<boolean> {
    const deadline = performance.now() + applyTimeout;
    for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 2, LONGEST_LOOK)) {
      const left = Math.max(0, Math.min(pause, deadline - performance.now()));
      const succeeded = await Promise.race([ended, delay(left, undefined, { ref: false })]);
      if (succeeded !== undefined) return succeeded;
      // Without this: answers an apply_patch at the end of the turn
      if ((await kept.isWritten(patchId, intended)) || performance.now() >= deadline) return true;
    }
  }

  async function revert(
    request: RevertRequest,
    record: RecordAnswer<RevertPatchResponse>,
  ): Promise<RevertPatchResponse> {
    refuseClosed(journal);
    const { patch_id, files } = checkLastApplied(journal, request.patch_id);
    const answer: RevertPatchResponse = { status: 'reverted', timestamp: Date.now(), patch_id, files };
    const commit = async () => {
      await journal.append(
        [{ type: 'patch_reverted', patch_id, files }],
        record?.(() => answer),
      );
    };
    // Without this: reverts a patch in a directory that is a link by now
    const misplaced = await cwdProblems(cwd, places);
    const problems = misplaced.length > 0 ? misplaced : await kept.restore(patch_id, commit);
    if (problems.length > 0) throw patchConflict('The patch cannot be reverted; nothing has changed.', problems);
    return answer;
  }

  /** Reads and restores files. A failure must not keep the session from being restored. */
  async function recover(): Promise<void> {
    const applied = journal.head.applied.map(({ patch_id }) => patch_id);
    try {
      const problems = await kept.recover(applied);
      if (problems.length === 0) return;
      const message = 'A patch that was being reverted could not be put back in files that have changed since.';
      logger.error({ problems }, message);
      await journal.append([{ type: 'notice', level: 'error', code: 'patch_left', message }]);
    } catch (err) {
      logger.error({ err }, 'the kept files of patches could not be reconciled with the log');
    }
  }

  const settled = async () => void (await Promise.allSettled(applying));

  return {
    current: async () => (await current()).patch,
    revert: (request, record) => serial.run(() => revert(request, record)),
    async apply(request, record) {
      const applied = apply(request, record);
      applying.add(applied);
      try {
        return await applied;
      } finally {
        applying.delete(applied);
      }
    },
    allows: () => false,
    asked: (approvalId, request) => edits.add(approvalId, request),
    answered: (approvalIds) => edits.remove(approvalIds),
    listen: (handler) => handler,
    settled,
    async rest() {
      await Promise.allSettled([...applying, serial.settled()]);
    },
    ending: () => (journal.head.state.patch === null ? [] : [{ type: 'patch_updated', patch: null }]),
    recover,
    clear: () => serial.run(() => kept.clear()),
  };
}
