import type { Agent, PermissionRequest } from '@parleyhq/agents';
import type { Event, Submission, SubmitResponse } from '@parleyhq/contract';
import type { SessionFold } from '../journal/fold.js';
import type { RecordAnswer } from '../journal/idempotency.js';
import { createJournal, type Journal, type RecordOf } from '../journal/journal.js';
import { createDirectPatches } from '../patches/direct-patches.js';
import { createIsolatedPatches } from '../patches/isolated-patches.js';
import type { Patches } from '../patches/patches.js';
import { decideByRules } from '../rules/approval-rules.js';
import { createFeed, type FeedWriter } from '../stream/feed.js';
import type { IsolatedWorkspace } from '../workspace/isolated-workspace.js';
import { createAgentHandler } from './agent-handler.js';
import { createAgentSlot } from './agent-slot.js';
import { createHeldAppend } from './append-with-patience.js';
import { createApprovals } from './approvals.js';
import { createBudgetWatch } from './budget.js';
import { createElicitations } from './elicitations.js';
import { createHeldHandler } from './handler-before-session.js';
import { createIdleTimer } from './idle-timer.js';
import { leftOutNotice } from './left-out-notice.js';
import { cancelQuestions } from './questions.js';
import { recoveryEvents } from './recovery.js';
import type { SessionOptions } from './session-options.js';
import { createSteering } from './steering.js';
import { createSubmissions } from './submissions.js';
import { createToolCallWatch } from './tool-call-watch.js';
import { BUDGET_SPENT, endsOf, SESSION_CLOSED } from './turn-end.js';
import { createTurns } from './turns.js';
import { createWaitingSize } from './waiting-size.js';
import { createWatchdog } from './watchdog.js';

/** One session: the only writer of its log, and the only user of its agent. */
export interface SessionActor {
  readonly journal: Journal;
  readonly feed: FeedWriter;
  readonly patches: Patches;
  /** The copy that its agent works in, if it does. */
  readonly isolated: IsolatedWorkspace | undefined;
  submit(submission: Submission, record: RecordAnswer<SubmitResponse>): Promise<SubmitResponse>;
  /** Ends the turns and the agent, then the session. */
  close(): Promise<void>;
  /** Ends the turn and the agent because the server stops. Queued messages stay queued. */
  drain(): Promise<void>;
  /** To be called after a restart: ends the turn that was running, and goes on with the queue. */
  recover(): Promise<void>;
  /** Deletes the files of the session that are not in the log. */
  forget(): Promise<void>;
}

/** The beginning of a session: the fold of an existing one, or the settings of a new one. */
type Beginning =
  | { readonly restored: SessionFold; readonly earliest: number }
  | { readonly settings: (agent: Agent) => readonly Event[]; readonly record: RecordOf | undefined };

/** Creates a new session: starts the agent, and when that has answered, the log. */
export async function createSession(
  options: SessionOptions,
  settings: (agent: Agent) => readonly Event[],
  record: RecordOf | undefined,
): Promise<SessionActor> {
  return buildSession(options, { settings, record });
}

/** Restores a session of the log. Its agent is started when it is needed. */
export async function restoreSession(
  options: SessionOptions,
  restored: SessionFold,
  earliest: number,
): Promise<SessionActor> {
  return buildSession(options, { restored, earliest });
}

async function buildSession(options: SessionOptions, beginning: Beginning): Promise<SessionActor> {
  const { sessionId, log, folder, isolated, places, limits } = options;
  const logger = options.logger.child({ session_id: sessionId });
  const restored = 'restored' in beginning ? beginning.restored : undefined;
  const bounds =
    'restored' in beginning
      ? { earliest: beginning.earliest, latest: beginning.restored.state.latest_event_id }
      : undefined;
  const feed = createFeed({ sessionId, log, bounds, recentPages: options.recentPages });
  const toolCalls = createToolCallWatch();
  const idleTimer = createIdleTimer(limits.agentIdleMs, endIdleAgent);
  const journal = createJournal({
    sessionId,
    log,
    logger,
    restored,
    publish(events) {
      feed.publish(events);
      waiting.update();
      budget.look();
      // Without this: leaves idle agents running
      idleTimer.restart();
    },
  });

  const waiting = createWaitingSize(journal, options.waiting, limits.maxWaitingSizePerSession);
  const budget = createBudgetWatch(journal, endSpentTurn);
  const { handler, begin } = createHeldHandler();
  let first: Agent | undefined;
  if ('settings' in beginning) {
    first = await options.openAgent(handler);
    try {
      await journal.append([...beginning.settings(first), ...leftOutNotice(isolated?.leftOut ?? [])], beginning.record);
    } catch (error) {
      await first.close();
      throw error;
    }
  }

  let endsForGood = false;
  const slot = createAgentSlot(
    journal,
    (...start) => options.openAgent(handler, ...start),
    logger,
    first,
    () => endsForGood,
  );
  const patches: Patches =
    isolated === undefined
      ? createDirectPatches({
          journal,
          logger,
          folder,
          toolCalls,
          places,
          differ: options.differ,
          maxPatchBytes: limits.maxPatchBytes,
          applyTimeout: limits.applyTimeoutMs,
          patience: limits.logPatienceMs,
          allow: (waiting) => approvals.allow(waiting),
        })
      : createIsolatedPatches({
          ...{ journal, logger, workspace: isolated, places },
          patchInterval: limits.patchIntervalMs,
          maxPatchBytes: limits.maxPatchBytes,
        });
  const hold = createHeldAppend(journal, { patience: limits.logPatienceMs, abort: (end) => turns.abort(end) });
  const approvals = createApprovals(journal, hold, patches, waiting, () => turns.cancelled, decide);
  const elicitations = createElicitations(journal, hold, waiting, () => turns.cancelled);
  const steering = createSteering({
    ...{ journal, slot, logger, timeout: limits.configureTimeoutMs },
    notTaken: () => turns.next(),
  });
  const turns = createTurns({
    ready: (turnId) => steering.settled(turnId),
    journal,
    slot,
    logger,
    limits,
    cancellations: () => cancellations(),
    isSpent: budget.isSpent,
    begin(maxSilence) {
      toolCalls.begin();
      watchdog.begin(maxSilence);
    },
    settle() {
      watchdog.end();
      toolCalls.endAll();
      return patches.settled();
    },
  });
  const watchdog = createWatchdog(() => turns.silent());
  begin(patches.listen(createAgentHandler({ journal, hold, approvals, elicitations, toolCalls, turns, watchdog })));

  /** What the rules say of a request of the agent. */
  function decide(request: PermissionRequest) {
    const { cwd, approval_rules: session } = journal.head.state;
    const places = { cwd, folder: isolated?.folder ?? cwd };
    return decideByRules(request, {
      ...{ session, places },
      operator: options.approvalRules,
      most: options.maxApprovalPolicy,
    });
  }

  /** What ends together with a turn: its questions and, in a direct workspace, its pending patch. */
  function cancellations(what: 'turn' | 'session' = 'turn') {
    const open = cancelQuestions(approvals, elicitations);
    // Without this: leaves an approval open when its turn ends
    return { ...open, events: [...open.events, ...patches.ending(what)] };
  }

  /** Tells the agent to cancel the turn that runs, since nothing is left of the budget. */
  function endSpentTurn(): void {
    if (turns.cancelled) return;
    // As with an interrupt: whoever answers later is too late. If the log cannot be written now, the end of the turn cancels them.
    const open = cancelQuestions(approvals, elicitations);
    const written = journal.append(open.events);
    const told = turns.cancel(undefined, BUDGET_SPENT);
    Promise.all([written, told]).then(open.released, (err: unknown) =>
      logger.warn({ err }, 'the questions of a turn without budget could not be cancelled'),
    );
  }

  /** Ends the agent of a session without activity, unless the session is busy. */
  function endIdleAgent(): void {
    const { state, queue } = journal.head;
    // Without this: ends an agent in the middle of a turn since nothing happens
    const busy = state.turn_id !== null || queue.length > 0 || state.pending_elicitations.length > 0;
    // An agent that cannot resume its conversation would lose it.
    // Without this: ends an agent that forgets its conversation by that
    if (busy || slot.current?.info.capabilities.includes('resume') !== true) return;
    logger.info('the agent is ended, since the session is idle');
    void slot.close();
  }

  let closing: Promise<void> | undefined;

  function close(): Promise<void> {
    closing ??= end().catch((error: unknown) => {
      // The session is not closed. It goes on, and `close` may be called again.
      closing = undefined;
      endsForGood = false;
      slot.revive();
      turns.resume();
      throw error;
    });
    return closing;
  }

  async function end(): Promise<void> {
    if (journal.head.state.closed_at !== null) return;
    endsForGood = true;
    const stopped = turns.stop(SESSION_CLOSED);
    await Promise.all([stopped, slot.retire()]);
    // Without this: closes a session and leaves queued turns without an end
    const waiting = endsOf(journal.head.queue, SESSION_CLOSED);
    const open = cancellations('session');
    const closed: Event = { type: 'session_closed', reason: 'requested' };
    await journal.append([...waiting, ...open.events, closed]);
    open.released();
    feed.end();
    idleTimer.stop();
    await forget();
  }

  async function forget(): Promise<void> {
    await Promise.all([patches.clear(), options.forgetSecrets()]);
  }

  async function recover(): Promise<void> {
    if (journal.head.state.closed_at !== null) return feed.end();
    await patches.recover();
    await journal.append([...cancellations().events, ...recoveryEvents(journal.head, options.maxApprovalPolicy)]);
    // Without this: forgets queued messages at a restart
    turns.next();
  }

  return {
    journal,
    feed,
    patches,
    isolated,
    submit: createSubmissions({ journal, approvals, elicitations, turns, steering, slot, waiting, limits }),
    close,
    recover,
    async drain() {
      const stopped = turns.stop({ status: 'interrupted', cause: 'server_stopping' });
      // If the end of the turn cannot be written now, the next start writes one.
      await Promise.allSettled([stopped, slot.retire()]);
      idleTimer.stop();
      await patches.rest();
    },
    forget,
  };
}
