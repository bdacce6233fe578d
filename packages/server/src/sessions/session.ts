import type { Agent, AgentHandler } from '@parleyhq/agents';
import type { Event, Failure, Submission, SubmitResponse } from '@parleyhq/contract';
import type { Logger } from 'pino';
import type { EventLog } from '../log/event-log.js';
import { createFeed, type FeedWriter } from '../stream/feed.js';
import { createKeptPatches } from '../workspace/kept-patches.js';
import { createAgentSlot, type OpenSessionAgent } from './agent-slot.js';
import { createApprovals } from './approvals.js';
import { createElicitations } from './elicitations.js';
import type { SessionFold } from './fold.js';
import type { RecordAnswer } from './idempotency.js';
import { createJournal, type Journal, type RecordOf } from './journal.js';
import { createPatches, type Patches } from './patches.js';
import { patiently } from './patiently.js';
import { createPendingEdits } from './pending-edits.js';
import { createSubmissions, endOfQueue } from './submissions.js';
import { createToolCallWatch } from './tool-call-watch.js';
import { createTurns } from './turns.js';

/** One conversation: the only writer of its log, the only one who speaks with its agent. */
export interface SessionActor {
  readonly journal: Journal;
  readonly feed: FeedWriter;
  readonly patches: Patches;
  submit(submission: Submission, record: RecordAnswer<SubmitResponse>): Promise<SubmitResponse>;
  /** Ends the turns and the agent, then the session. */
  close(): Promise<void>;
  /** Ends the turn and the agent because the server stops; what is queued stays queued. */
  drain(): Promise<void>;
  /** Takes up after a restart: what was running ends, what is queued goes on. */
  recover(): Promise<void>;
  /** Forgets what is kept beside the log. */
  forget(): Promise<void>;
}

/** What a session is made of. */
export interface SessionOptions {
  readonly sessionId: string;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly openAgent: OpenSessionAgent;
  /** A folder of the server's own for what is kept of this session beside the log. */
  readonly folder: string;
  readonly maxQueuedTurns: number;
  readonly interruptGrace: number;
  /** Milliseconds that an agent is held back while the log cannot be written, before its turn is ended. */
  readonly logPatience: number;
}

/** A session that has not been created yet, or the fold of one that has. */
type Beginning =
  | { readonly restored: SessionFold; readonly earliest: number }
  | { readonly settings: (agent: Agent) => Event; readonly record: RecordOf | undefined };

/** Starts the agent and, once it has answered, the log of a new session. */
export async function createSession(
  options: SessionOptions,
  settings: (agent: Agent) => Event,
  record: RecordOf | undefined,
): Promise<SessionActor> {
  return buildSession(options, { settings, record });
}

/** The session that a log tells of. Its agent is started when it is needed. */
export async function restoreSession(
  options: SessionOptions,
  restored: SessionFold,
  earliest: number,
): Promise<SessionActor> {
  return buildSession(options, { restored, earliest });
}

async function buildSession(options: SessionOptions, beginning: Beginning): Promise<SessionActor> {
  const { sessionId, log, folder } = options;
  const logger = options.logger.child({ session_id: sessionId });
  const restored = 'restored' in beginning ? beginning.restored : undefined;
  const bounds =
    'restored' in beginning
      ? { earliest: beginning.earliest, latest: beginning.restored.state.latest_event_id }
      : undefined;
  const feed = createFeed({ sessionId, log, bounds });
  const toolCalls = createToolCallWatch();
  const journal = createJournal({
    sessionId,
    log,
    logger,
    restored,
    publish: (events) => feed.publish(events),
  });

  // The agent may speak before its session is in the log: it is held back until then.
  let begin: (parts: Parts) => void = () => undefined;
  const begun = new Promise<Parts>((resolve) => {
    begin = resolve;
  });
  const handler: AgentHandler = {
    async events(events) {
      await begun;
      // An agent may go on speaking while it is ended.
      if (journal.head.state.closed_at !== null) return;
      const began = performance.now();
      const isOver = () => performance.now() - began >= options.logPatience;
      try {
        // Meanwhile nothing more is read from the agent.
        await patiently(() => journal.append(events), isOver);
      } catch (error) {
        turns.abort({ status: 'failed', cause: 'log_unavailable', error: failureOf(error) });
        throw error;
      }
      toolCalls.see(events);
    },
    requestPermission: async (request, signal) => (await begun).approvals.request(request, signal),
    requestElicitation: async (request, signal) => (await begun).elicitations.request(request, signal),
  };

  let first: Agent | undefined;
  if ('settings' in beginning) {
    first = await options.openAgent(handler);
    try {
      await journal.append([beginning.settings(first)], beginning.record);
    } catch (error) {
      await first.close();
      throw error;
    }
  }

  const slot = createAgentSlot(journal, (...start) => options.openAgent(handler, ...start), logger, first);
  const edits = createPendingEdits(journal, journal.head.state.cwd, logger);
  const approvals = createApprovals(journal, edits);
  const elicitations = createElicitations(journal);
  const kept = createKeptPatches(folder);
  const patches = createPatches({ journal, edits, approvals, toolCalls, kept });
  const turns = createTurns({
    journal,
    slot,
    logger,
    interruptGrace: options.interruptGrace,
    cancellations,
    begin: () => toolCalls.begin(),
    settle() {
      toolCalls.endAll();
      return patches.settled();
    },
  });
  begin({ approvals, elicitations });

  /** What ends with a turn: its questions and its pending patch. */
  function cancellations() {
    const open = [approvals.cancellations(), elicitations.cancellations()];
    const patch: Event[] = journal.head.state.patch === null ? [] : [{ type: 'patch_updated', patch: null }];
    return {
      events: [...open.flatMap(({ events }) => events), ...patch],
      released: () => {
        for (const { released } of open) released();
      },
    };
  }

  let closing: Promise<void> | undefined;

  function close(): Promise<void> {
    closing ??= end().catch((error: unknown) => {
      // Not closed, then: it goes on, and may be closed again.
      closing = undefined;
      turns.resume();
      throw error;
    });
    return closing;
  }

  async function end(): Promise<void> {
    if (journal.head.state.closed_at !== null) return;
    await turns.stop({ status: 'interrupted', cause: 'session_closed' });
    const waiting = endOfQueue(journal.head, 'session_closed');
    const open = cancellations();
    const closed: Event = { type: 'session_closed', reason: 'requested' };
    await journal.append([...waiting, ...open.events, closed]);
    open.released();
    feed.end();
    await slot.retire();
    await kept.clear();
  }

  async function recover(): Promise<void> {
    const { state, runningSubmissionId } = journal.head;
    if (state.closed_at !== null) return feed.end();
    const ended: Event[] = cancellations().events;
    if (state.turn_id !== null && runningSubmissionId !== undefined) {
      const message = 'The server was started again while the turn ran.';
      ended.push({
        type: 'turn_completed',
        turn_id: state.turn_id,
        submission_id: runningSubmissionId,
        status: 'failed',
        cause: 'server_restarted',
        error: { code: 'server_restarted', message, timestamp: Date.now() },
      });
    }
    await journal.append(ended);
    turns.next();
  }

  return {
    journal,
    feed,
    patches,
    submit: createSubmissions({
      journal,
      approvals,
      elicitations,
      turns,
      slot,
      maxQueuedTurns: options.maxQueuedTurns,
    }),
    close,
    recover,
    async drain() {
      await turns.stop({ status: 'interrupted', cause: 'server_stopping' });
      await slot.retire();
    },
    forget: () => kept.clear(),
  };
}

interface Parts {
  readonly approvals: ReturnType<typeof createApprovals>;
  readonly elicitations: ReturnType<typeof createElicitations>;
}

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'log_unavailable', message, timestamp: Date.now() };
}
