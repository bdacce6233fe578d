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

/** The options of a loop over a session's events. */
export interface EventsOptions {
  /** The id of the last event that you have; 0 for the beginning. @default the `latest_event_id` of `session.info` at this call */
  readonly after?: number | undefined;
  /** Stops the reading. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the state of the connection changes, for example for a status light. */
  readonly onConnection?: ((status: ConnectionStatus) => void) | undefined;
}

/** The options of `history`. */
export interface HistoryOptions extends CallOptions {
  /** The id of the last event that you have. @default 0 */
  readonly after?: number | undefined;
  /** The maximum number of events. @default all */
  readonly limit?: number | undefined;
  /** How many events one request asks for, 1 to 1,000. @default 1_000 */
  readonly pageSize?: number | undefined;
}

/**
 * A session on the server: one conversation with an agent, in one working directory. All loops over a session in one client
 * share one socket, which is open while at least one of them reads.
 *
 * Every method rejects with the server's ServiceError, a ConnectionError if no attempt reached the server, a ValidationError
 * if the answer does not fit the contract, or the reason of the call's signal. A request that does not fit the contract is
 * not sent: it rejects with the InvalidRequest that the server would give, with the places in `details`. Each call is safe
 * to repeat, and is repeated after failures that may pass (promise 4).
 *
 * `await using` ends the loops of this handle, as aborted. It closes the session if this handle has created it; a session
 * from `get` or `list` stays open.
 */
export interface Session extends AsyncDisposableLike {
  readonly id: string;
  /** The session as the server last described it to this handle; `refresh` asks again. */
  readonly info: SessionInfo;
  /**
   * Sends a user message, which starts or queues a turn. Any other submission resolves with the server's answer. It resolves
   * when the server has stored the submission. `signal` also ends loops over the turn.
   */
  submit(message: string | readonly PromptContent[] | UserMessageSubmission, options?: CommandOptions): Promise<Turn>;
  submit(submission: Exclude<Submission, UserMessageSubmission>, options?: CommandOptions): Promise<SubmitResponse>;
  submit(submission: Submission, options?: CommandOptions): Promise<Turn | SubmitResponse>;
  /** The session's events until it is closed: each once, in order, across any number of reconnects. */
  events(options?: EventsOptions): EventStream;
  /** The events of the log up to its current end, or at most `limit`. */
  history(options?: HistoryOptions): AsyncGenerator<SessionEvent, undefined, undefined>;
  /** Answers an approval with a decision, or with one of the approval's own options. @default allow_once */
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
  /** Cancels the running turn, or the `turn` that is given, running or queued. Without such a turn it does nothing. */
  interrupt(options?: CommandOptions & InterruptOptions): Promise<SubmitResponse>;
  /** Sets one of the agent's own options, such as its mode or model. */
  configure(configId: string, value: string | boolean, options?: CommandOptions): Promise<SubmitResponse>;
  /** The changes of the agent that are not applied yet. @throws ServiceError NoPendingPatch */
  patch(options?: CallOptions): Promise<Patch>;
  /**
   * Applies a patch: the given one, or the one that `patch` fetched last, or the pending one.
   *
   * @throws ServiceError PatchSuperseded if another patch is pending by now; PatchConflict, with the files in `details`.
   */
  applyPatch(patch?: Pick<Patch, 'patch_id'>, options?: CommandOptions): Promise<ApplyPatchResponse>;
  /**
   * For loops over events: if the event announces a patch that is still the pending one, fetches it, and applies it if `decide` says
   * so. Resolves with the answer; with undefined if nothing was applied. A patch that another one has taken the place of is
   * passed over: an event of its own announces the other.
   *
   * @throws ServiceError PatchConflict, with the files in `details`.
   */
  review(
    event: SessionEvent,
    decide: (patch: Patch) => boolean | Promise<boolean>,
    options?: CallOptions,
  ): Promise<ApplyPatchResponse | undefined>;
  /** Undoes a patch: the given one, or the one that this handle applied last. @throws ServiceError NothingToRevert */
  revertPatch(patch?: Pick<Patch, 'patch_id'>, options?: CommandOptions): Promise<RevertPatchResponse>;
  /**
   * Begins another session with a copy of the agent's conversation, and of the copy that it works in. With `after`, only if that is
   * the id of the session's last event.
   *
   * @throws ServiceError UnsupportedByAgent, SessionBusy while a turn runs or waits.
   */
  fork(options?: CommandOptions & { readonly after?: number | undefined }): Promise<Session>;
  /** Requests the current description of the session, and updates `info`. */
  refresh(options?: CallOptions): Promise<SessionInfo>;
  /**
   * Closes the session and ends its agent. The history stays readable, unless `purge` deletes it. Loops end after the last
   * event.
   *
   * @throws ServiceError SessionNotFound if the session was gone before, but not if only the answer to a purge was lost.
   */
  close(options?: CallOptions & { readonly purge?: boolean | undefined }): Promise<void>;
}

/** The options of `interrupt`. */
export interface InterruptOptions {
  /** Only this turn, running or queued. @default the running turn */
  readonly turn?: Pick<Turn, 'id'> | undefined;
  /** Also cancel all queued turns. @default false */
  readonly clearQueue?: boolean | undefined;
}
