import type { AgentHandler } from '@parleyhq/agents';
import type {
  ApplyPatchResponse,
  Event,
  Patch,
  PatchRequest,
  RevertPatchResponse,
  RevertRequest,
} from '@parleyhq/contract';
import type { Logger } from 'pino';
import { createAgentView } from '../workspace/isolated/agent-view.js';
import type { IsolatedWorkspace, PendingChange } from '../workspace/isolated/workspace.js';
import type { RecordAnswer } from './idempotency.js';
import { type Journal, refuseClosed } from './journal.js';
import { createPatchWatch } from './patch-watch.js';
import {
  checkLastApplied,
  checkPatchId,
  inTurn,
  listedFiles,
  noPending,
  type Patches,
  patchConflict,
  summaryOf,
} from './patches.js';

/** What patches of an isolated workspace need of their session. */
export interface IsolatedPatchesOptions {
  readonly journal: Journal;
  readonly logger: Logger;
  readonly workspace: IsolatedWorkspace;
  /** Milliseconds between two looks at the copy while the agent works. */
  readonly patchInterval: number;
}

/** Looks that fail one after another before the next thing that the agent does is waited for. */
const MAX_FAILURES = 5;

/**
 * Patches of a session whose agent works in a copy: the pending patch is what the copy has and `cwd` has not. The server
 * lands it, whole or not at all (promise 7), also while a turn runs; what the agent changes later is the next patch.
 */
export function createIsolatedPatches(options: IsolatedPatchesOptions): Patches {
  const { journal, logger, workspace } = options;
  const view = createAgentView(workspace.folder, journal.head.state.cwd);
  const watch = createPatchWatch(look, options.patchInterval);
  const applied = () => journal.head.applied.map(({ patch_id }) => patch_id);
  let before: Promise<unknown> = Promise.resolve();
  let failures = 0;

  /** One after another: a patch that is told is the one that is there. */
  function alone<T>(command: () => Promise<T>): Promise<T> {
    const mine = before.then(command, command);
    before = mine;
    return mine;
  }

  /** Reads the copy, and tells readers where it has another patch by now. */
  async function pending(): Promise<PendingChange | undefined> {
    const change = await workspace.pending(applied());
    const { state } = journal.head;
    if (change?.patchId !== state.patch?.patch_id && state.closed_at === null) {
      const patch = change === undefined ? null : summaryOf({ patch_id: change.patchId, files: change.files });
      await journal.append([{ type: 'patch_updated', ...inTurn(journal), patch }]);
    }
    failures = 0;
    return change;
  }

  /** While files change they may not be readable, and a log may not be writable: there are some more looks soon. */
  function later(err: unknown): void {
    logger.warn({ err }, 'the pending patch could not be told');
    failures += 1;
    if (failures < MAX_FAILURES) watch.stir();
  }

  async function look(): Promise<void> {
    if (journal.head.state.closed_at === null) await alone(pending).catch(later);
  }

  async function current(): Promise<Patch> {
    const change = journal.head.state.closed_at === null ? await pending() : undefined;
    if (change === undefined) throw noPending();
    return workspace.describe(change);
  }

  async function apply(request: PatchRequest, record: RecordAnswer<ApplyPatchResponse>): Promise<ApplyPatchResponse> {
    refuseClosed(journal);
    const change = await pending();
    if (change === undefined) throw noPending();
    const { patchId: patch_id, files } = change;
    checkPatchId(request.patch_id, patch_id);
    const answer: ApplyPatchResponse = { status: 'applied', timestamp: Date.now(), patch_id, files: [...files] };
    const problems = await workspace.apply(change, async () => {
      const landed: Event = {
        type: 'patch_applied',
        ...inTurn(journal),
        patch_id,
        ...listedFiles(files),
        failed: [],
      };
      await journal.append(
        [landed, { type: 'patch_updated', ...inTurn(journal), patch: null }],
        record?.(() => answer),
      );
    });
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
    const problems = await workspace.revert(applied(), async (files) => {
      answer = { ...answer, files: [...files] };
      await journal.append(
        [{ type: 'patch_reverted', patch_id, ...listedFiles(files) }],
        record?.(() => answer),
      );
    });
    if (problems.length > 0) throw patchConflict('The patch cannot be reverted; nothing has changed.', problems);
    // It is pending again, with what has been changed since.
    await pending().catch(later);
    return answer;
  }

  function listen(handler: AgentHandler): AgentHandler {
    return view.listen({
      ...handler,
      async events(events) {
        await handler.events(events);
        if (events.some(({ type }) => type.startsWith('item_'))) watch.stir();
      },
    });
  }

  return {
    listen,
    current: () => alone(current),
    apply: (request, record) => alone(() => apply(request, record)),
    revert: (request, record) => alone(() => revert(request, record)),
    allows: (request) => view.isHarmless(request),
    asked: async () => undefined,
    answered: () => undefined,
    async settled() {
      watch.rest();
      await look();
    },
    async rest() {
      watch.rest();
      await Promise.allSettled([before]);
    },
    ending: (what) =>
      what === 'turn' || journal.head.state.patch === null ? [] : [{ type: 'patch_updated', patch: null }],
    async recover() {
      const problems = await workspace.recover(applied());
      if (problems.length > 0) {
        const message = 'A patch that was being applied could not be taken back in files that have changed since.';
        logger.error({ problems }, message);
        await journal.append([{ type: 'notice', level: 'error', code: 'patch_left', message }]);
      }
      // The agent may have worked on until it ended with the server.
      if (journal.head.state.turn_id !== null) watch.stir();
    },
    async clear() {
      watch.rest();
      await alone(() => workspace.remove());
    },
  };
}
