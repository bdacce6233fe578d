import type {
  ApplyPatchResponse,
  Approval,
  ApprovalDecision,
  ApprovalOption,
  Elicitation,
  ElicitationAction,
  Patch,
  PromptContent,
  RevertPatchResponse,
  Session as SessionInfo,
  Submission,
  SubmitResponse,
  UserMessageSubmission,
} from '@parleyhq/contract';
import type { AsyncDisposableLike } from './dispose.js';
import type { CallOptions, CommandOptions } from './options.js';
import type { ConnectionStatus } from './stream/connection-status.js';
import type { EventStream } from './stream/event-stream.js';
import type { SessionEvent } from './stream/session-event.js';
import type { Turn } from './turn.js';

/** How a loop over a session's events reads. */
export interface EventsOptions {
  /** The cursor to start behind; 0 for the beginning. @default the `latest_event_id` of `session.info` at this call */
  readonly after?: number | undefined;
  /** Stops the reading. */
  readonly signal?: AbortSignal | undefined;
  /** For a status light. */
  readonly onConnection?: ((status: ConnectionStatus) => void) | undefined;
}

/** How the log is read. */
export interface HistoryOptions extends CallOptions {
  /** The cursor to start behind. @default 0 */
  readonly after?: number | undefined;
  /** The most events to give. @default all */
  readonly limit?: number | undefined;
  /** The most events to ask the server for at once, 1 to 1,000. @default 1_000 */
  readonly pageSize?: number | undefined;
}

/**
 * A session of the server: one agent conversation in one working directory. All readers of a session in one client share
 * one socket, which is open while somebody reads.
 *
 * Every method rejects with a ServiceError of the server's, a ConnectionError where no attempt reached it, a
 * ValidationError where its answer fits no contract, or the reason of the call's signal. What does not fit the contract
 * itself is not sent: it rejects with the InvalidRequest that the server would give, whose `details` say where. Each call
 * is safe to repeat and is repeated after failures that may pass (promise 4).
 *
 * `await using` ends what the handle began: its loops end as aborted, and a session that this handle has created is
 * closed; one that it only found stays open.
 */
export interface Session extends AsyncDisposableLike {
  readonly id: string;
  /** The session as the server last described it to this handle; `refresh` asks again. */
  readonly info: SessionInfo;
  /**
   * Sends a user message, which starts a turn or queues one; any other submission gives the server's answer. It resolves
   * when the submission is durable. `signal` also ends loops over the turn.
   */
  submit(message: string | readonly PromptContent[] | UserMessageSubmission, options?: CommandOptions): Promise<Turn>;
  submit(submission: Exclude<Submission, UserMessageSubmission>, options?: CommandOptions): Promise<SubmitResponse>;
  submit(submission: Submission, options?: CommandOptions): Promise<Turn | SubmitResponse>;
  /** The session's events, each once and in order, across any number of reconnects, until the session is closed. */
  events(options?: EventsOptions): EventStream;
  /** The events of the log up to its end, or as many as `limit` says. */
  history(options?: HistoryOptions): AsyncGenerator<SessionEvent, undefined, undefined>;
  /** Answers an approval with a kind of option, or with one of the approval's own. @default allow_once */
  approve(
    approval: Approval | string,
    answer?: ApprovalDecision | Pick<ApprovalOption, 'option_id'>,
    options?: CommandOptions,
  ): Promise<SubmitResponse>;
  /** Answers a question of the agent: with an action, or with the content that accepts it. */
  answer(
    elicitation: Elicitation | string,
    answer: ElicitationAction | Readonly<Record<string, unknown>>,
    options?: CommandOptions,
  ): Promise<SubmitResponse>;
  /** Cancels the running turn, or ends a queued one that it names; where there is none it does nothing. */
  interrupt(options?: CommandOptions & InterruptOptions): Promise<SubmitResponse>;
  /** Sets one of the agent's own options, such as its mode or model. */
  configure(configId: string, value: string | boolean, options?: CommandOptions): Promise<SubmitResponse>;
  /** What the agent wants to change and has not changed yet. @throws ServiceError NoPendingPatch */
  patch(options?: CallOptions): Promise<Patch>;
  /**
   * Consents to a patch: the given one, else the one that `patch` fetched last, else the pending one.
   *
   * @throws ServiceError PatchSuperseded where another one is pending by now; PatchConflict, whose `details` name files.
   */
  applyPatch(patch?: Pick<Patch, 'patch_id'>, options?: CommandOptions): Promise<ApplyPatchResponse>;
  /** Undoes a patch: the given one, else the one that this handle applied last. @throws ServiceError NothingToRevert */
  revertPatch(patch?: Pick<Patch, 'patch_id'>, options?: CommandOptions): Promise<RevertPatchResponse>;
  /** Asks for the session as it stands, for `info`. */
  refresh(options?: CallOptions): Promise<SessionInfo>;
  /**
   * Ends the agent; the history stays readable unless it is purged. Loops end once they have every event.
   *
   * @throws ServiceError SessionNotFound where the session was gone before; not where only the answer to a purge was lost.
   */
  close(options?: CallOptions & { readonly purge?: boolean | undefined }): Promise<void>;
}

/** What an interrupt is for. */
export interface InterruptOptions {
  /** Only this turn, running or queued. @default the one that runs */
  readonly turn?: Pick<Turn, 'id'> | undefined;
  /** Also end the queued turns. @default false */
  readonly clearQueue?: boolean | undefined;
}
