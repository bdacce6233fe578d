import type { AgentHandler } from '@parleyhq/agents';
import { createSharedRead } from '@parleyhq/agents';
import {
  type ApplyPatchResponse,
  type Event,
  type FileProblem,
  type Patch,
  type PatchFile,
  type PatchRequest,
  type RevertPatchResponse,
  type RevertRequest,
  ServiceError,
} from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { RecordAnswer } from '../journal/idempotency.js';
import { type Journal, refuseClosed } from '../journal/journal.js';
import { createAgentView } from '../workspace/agent-view.js';
import { GitError, GitTimeout } from '../workspace/git/git.js';
import type { IsolatedWorkspace, PendingChange } from '../workspace/isolated-workspace.js';
import { LandingLeft } from '../workspace/landing/landing-disturbed.js';
import type { AllowedPlaces } from '../workspace/roots.js';
import { createSerial } from '../workspace/serial.js';
import { fittingFiles, startPatch } from './fit-patch.js';
import { createPatchWatch } from './patch-watch.js';
import {
  checkLastApplied,
  checkPatchId,
  cwdProblems,
  inTurn,
  listedFiles,
  noPending,
  type Patches,
  patchConflict,
  summaryOf,
} from './patches.js';
import { jsonBytes, omitDiff } from './unified-diff.js';

/** The options of the patches of an isolated workspace. */
export interface IsolatedPatchesOptions {
  readonly journal: Journal;
  readonly logger: Logger;
  readonly workspace: IsolatedWorkspace;
  readonly places: AllowedPlaces;
  /** Milliseconds between two comparisons of the copy while the agent works. */
  readonly patchInterval: number;
  /** The most bytes of a patch as JSON. */
  readonly maxPatchBytes: number;
}

/** After this many failures in a row, the copy is not read again before the agent does something. */
const MAX_FAILURES = 5;

/** The maximum length of a notice. */
const MAX_MESSAGE = 8_192;

/**
 * Patches of a session whose agent works in a copy. The pending patch is the difference of the copy from `cwd`. The server
 * applies it completely or not at all (promise 7), also while a turn runs. Later changes of the agent form the next patch.
 */
export function createIsolatedPatches(options: IsolatedPatchesOptions): Patches {
  const { journal, logger, workspace, places, maxPatchBytes } = options;
  const { cwd } = journal.head.state;
  const view = createAgentView(workspace.folder, cwd);
  const watch = createPatchWatch(look, options.patchInterval);
  const applied = () => journal.head.applied.map(({ patch_id }) => patch_id);
  /** Runs commands one after another, so that the announced patch is the current one. */
  const serial = createSerial();
  let failures = 0;

  /** Reads the copy, and announces its patch if that has changed. */
  async function pending(): Promise<PendingChange | undefined> {
    const change = await workspace.pending(applied()).catch(throwUnreadable);
    const { state } = journal.head;
    if (change?.patchId !== state.patch?.patch_id && state.closed_at === null) {
      const patch = change === undefined ? null : summaryOf(change.patchId, change.files);
      await journal.append([{ type: 'patch_updated', ...inTurn(journal), patch }]);
    }
    failures = 0;
    return change;
  }

  /** The copy may contain anything an agent can create, for example a pipe in place of a file, which git cannot read. */
  function throwUnreadable(cause: unknown): never {
    if (!isGitFailure(cause)) throw cause;
    const reason = cause.message.replaceAll(workspace.folder, journal.head.state.cwd);
    throw new ServiceError('Unavailable', `The copy that the agent works in cannot be read: ${reason}`, { cause });
  }

  /** Schedules another attempt: files that are being changed may be unreadable, and the log may be unavailable for a while. */
  function retryLater(err: unknown): void {
    logger.warn({ err }, 'the pending patch could not be announced');
    failures += 1;
    const isStuck = isUnreadable(err) && err.cause instanceof GitTimeout;
    if (failures < MAX_FAILURES && !isStuck) watch.schedule();
  }

  async function look(): Promise<void> {
    if (journal.head.state.closed_at === null) await serial.run(pending).catch(retryLater);
  }

  /** Reads the copy at the end of a turn. If that fails, a notice says why the turn has no patch. */
  async function lastLook(): Promise<void> {
    try {
      await serial.run(pending);
    } catch (error) {
      retryLater(error);
      if (isUnreadable(error)) await writeNotice('warning', 'patch_unreadable', error.reason).catch(logUnwritten);
    }
  }

  async function writeNotice(level: 'warning' | 'error', code: string, message: string): Promise<void> {
    await journal.append([{ type: 'notice', ...inTurn(journal), level, code, message: message.slice(0, MAX_MESSAGE) }]);
  }

  function logUnwritten(err: unknown): void {
    logger.warn({ err }, 'a notice could not be written');
  }

  /** Writes a notice if a landing failed and some files could not be restored, since they kept changing. */
  async function reportLeft(landing: Promise<readonly FileProblem[]>): Promise<readonly FileProblem[]> {
    try {
      return await landing;
    } catch (error) {
      if (!(error instanceof LandingLeft)) throw error;
      const { problems } = error;
      const message = 'A patch broke off, and files that changed meanwhile could not be put back.';
      logger.error({ problems }, message);
      await writeNotice('error', 'patch_left', message).catch(logUnwritten);
      throw patchConflict(`${message} The next apply or revert tries again.`, problems);
    }
  }

  /** The patch for a reader. It appends nothing and is not queued with commands, so that nobody waits for readers. */
  async function read(): Promise<Patch | undefined> {
    const { applied: before, state } = journal.head;
    const change = state.closed_at === null ? await workspace.pending(applied()).catch(throwUnreadable) : undefined;
    const shown = change === undefined ? undefined : await show(change);
    // A patch was landed or reverted meanwhile.
    if (journal.head.applied !== before) return read();
    if (change?.patchId !== journal.head.state.patch?.patch_id) watch.schedule();
    return shown;
  }

  async function show(change: PendingChange): Promise<Patch> {
    const { parts, whole, conflicts } = await workspace.describe(change, maxPatchBytes / 2);
    const patch = startPatch(maxPatchBytes);
    for (const [at, file] of change.files.entries()) {
      const diff = parts[at];
      patch.add(diff === undefined ? omitDiff({ file }) : { file, diff, bytes: jsonBytes(diff) });
    }
    const { whole: allShown, ...fields } = patch.end(conflicts);
    const applicable = conflicts.length === 0;
    return { patch_id: change.patchId, ...fields, exact: whole && allShown, applicable };
  }

  const sharedRead = createSharedRead(read);

  async function current(): Promise<Patch> {
    const patch = await sharedRead();
    if (patch === undefined) throw noPending();
    return patch;
  }

  async function apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse> {
    refuseClosed(journal);
    const change = await pending();
    if (change === undefined) throw noPending();
    const { patchId: patch_id, files } = change;
    checkPatchId(request.patch_id, patch_id);
    const answer: ApplyPatchResponse = { status: 'applied', timestamp: Date.now(), patch_id, ...answeredFiles(files) };
    const land = async () => {
      const landed: Event = {
        type: 'patch_applied',
        ...inTurn(journal),
        patch_id,
        ...listedFiles(files),
        failed: [],
      };
      // Without this: keeps what was landed although the log refused it
      await journal.append(
        [landed, { type: 'patch_updated', ...inTurn(journal), patch: null }],
        record?.(() => answer),
      );
    };
    const misplaced = await cwdProblems(cwd, places);
    const problems = misplaced.length > 0 ? misplaced : await reportLeft(workspace.apply(change, land));
    if (problems.length > 0) throw patchConflict('The patch cannot be applied; nothing has changed.', problems);
    return answer;
  }

  async function revert(
    request: RevertRequest,
    record: RecordAnswer<RevertPatchResponse>,
  ): Promise<RevertPatchResponse> {
    refuseClosed(journal);
    const { patch_id } = checkLastApplied(journal, request.patch_id);
    let answer: RevertPatchResponse = { status: 'reverted', timestamp: Date.now(), patch_id, files: [] };
    const takeOut = async (files: readonly PatchFile[]) => {
      answer = { ...answer, ...answeredFiles(files) };
      await journal.append(
        [{ type: 'patch_reverted', patch_id, ...listedFiles(files) }],
        record?.(() => answer),
      );
    };
    const misplaced = await cwdProblems(cwd, places);
    const problems = misplaced.length > 0 ? misplaced : await reportLeft(workspace.revert(applied(), takeOut));
    if (problems.length > 0) throw patchConflict('The patch cannot be reverted; nothing has changed.', problems);
    // The reverted changes are pending again, together with later ones.
    await pending().catch(retryLater);
    return answer;
  }

  const answeredFiles = (files: readonly PatchFile[]) => fittingFiles(files, maxPatchBytes);

  function listen(handler: AgentHandler): AgentHandler {
    return view.listen({
      ...handler,
      async events(events) {
        await handler.events(events);
        if (events.some(({ type }) => type.startsWith('item_'))) watch.schedule();
      },
    });
  }

  return {
    listen,
    current,
    apply: (request, record) => serial.run(() => apply(request, record)),
    revert: (request, record) => serial.run(() => revert(request, record)),
    allows: (request) => view.isHarmless(request),
    asked: async () => undefined,
    answered: () => undefined,
    async settled() {
      watch.stop();
      await lastLook();
    },
    async rest() {
      watch.stop();
      await serial.settled();
    },
    ending: (what) =>
      what === 'turn' || journal.head.state.patch === null ? [] : [{ type: 'patch_updated', patch: null }],
    async recover() {
      // A problem with one directory must not keep the server from starting.
      const left = await workspace.recover(applied()).catch((err: unknown) => {
        logger.error({ err }, 'a landing could not be taken back');
        return [{ path: '.', reason: 'cannot be put back' }];
      });
      if (left.length > 0) {
        const message = 'A patch that was being applied could not be taken back in files that have changed since.';
        logger.error({ problems: left }, message);
        await writeNotice('error', 'patch_left', message);
      }
      // The agent may have changed the copy until it ended with the server.
      if (journal.head.state.turn_id !== null) watch.schedule();
    },
    async clear() {
      watch.stop();
      // The session is closed nevertheless. The next start of the server tries again.
      const report = (err: unknown) => logger.error({ err }, 'the copy could not be removed');
      await serial.run(() => workspace.remove()).catch(report);
    },
  };
}

function isGitFailure(error: unknown): error is GitError | GitTimeout {
  return error instanceof GitError || error instanceof GitTimeout;
}

function isUnreadable(error: unknown): error is ServiceError {
  return error instanceof ServiceError && isGitFailure(error.cause);
}
