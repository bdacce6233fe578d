import type {
  ApplyPatchResponse,
  Approval,
  ApprovalDecision,
  ApprovalOption,
  Elicitation,
  ElicitationAction,
  Patch,
  Problem,
  PromptContent,
  RevertPatchResponse,
  Session as SessionInfo,
  Submission,
  SubmitResponse,
  UserMessageSubmission,
} from '@parleyhq/contract';
import { ServiceError } from '@parleyhq/contract';
import type { ClientContext } from './client-context.js';
import { ValidationError } from './errors.js';
import { unwrap } from './http/unwrap.js';
import { type LogReadOptions, readLog, readLogPage } from './log-reader.js';
import type { CallOptions, CommandOptions } from './options.js';
import { createEventStream, type EventStream } from './stream/event-stream.js';
import type { ConnectionStatus } from './stream/reconnect.js';
import type { SessionEvent } from './stream/session-event.js';
import { createTurn, type Turn } from './turn.js';

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
export interface HistoryOptions extends LogReadOptions {
  /** The cursor to start behind. @default 0 */
  readonly after?: number | undefined;
}

/**
 * A session of the server: one agent conversation in one working directory. All readers of a session in one client share
 * one socket, which is open while somebody reads.
 *
 * Every method rejects with a ServiceError of the server's, a ConnectionError where no attempt reached it, a
 * ValidationError where its answer fits no contract, or the reason of the call's signal. Each call is safe to repeat and
 * is repeated after failures that may pass (promise 4).
 *
 * `await using` ends what the handle began: its loops end as aborted, and a session that this handle has created is
 * closed; one that it only found stays open.
 */
export interface Session extends AsyncDisposable {
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
  /** The events of the log up to its end. */
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
  /** Cancels the running turn, or nothing where none runs. */
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
  /** Ends the agent; the history stays readable unless it is purged. Loops end once they have every event. */
  close(options?: CallOptions & { readonly purge?: boolean | undefined }): Promise<void>;
}

/** What an interrupt is for. */
export interface InterruptOptions {
  /** Only this turn, if it still runs. @default the one that runs */
  readonly turn?: Pick<Turn, 'id'> | undefined;
  /** Also end the queued turns. @default false */
  readonly clearQueue?: boolean | undefined;
}

/** Somebody has purged the session: there is nothing left to close. */
function ignoreAbsence(error: unknown): void {
  if (!(error instanceof ServiceError && error.code === 'SessionNotFound')) throw error;
}

const NO_TURN: Problem = {
  pointer: '/turn_id',
  keyword: 'required',
  message: 'expected the turn that it starts or queues',
};

/** A handle on a session. `created`: disposing of the handle closes the session. */
export function createSession(context: ClientContext, description: SessionInfo, created: boolean): Session {
  const { http } = context;
  const id = description.session_id;
  const disposed = new AbortController();
  let info = description;
  let fetchedPatch: Pick<Patch, 'patch_id'> | undefined;
  let appliedPatch: Pick<Patch, 'patch_id'> | undefined;
  const inSession = { path: { session_id: id } };

  const session: Session = {
    id,
    get info() {
      return info;
    },
    submit: submit as Session['submit'],
    events({ after = info.latest_event_id, signal, onConnection } = {}) {
      return openStream(after, [signal], onConnection);
    },
    history({ after = 0, ...options } = {}) {
      return readLog(http, id, after, options);
    },
    approve(approval, answer = 'allow_once', options) {
      const approval_id = typeof approval === 'string' ? approval : approval.approval_id;
      const chosen = typeof answer === 'string' ? { decision: answer } : { option_id: answer.option_id };
      return send({ type: 'approval', approval_id, ...chosen }, options);
    },
    answer(elicitation, answer, options) {
      const elicitation_id = typeof elicitation === 'string' ? elicitation : elicitation.elicitation_id;
      const given = typeof answer === 'string' ? { action: answer } : { action: 'accept' as const, content: answer };
      return send({ type: 'elicitation', elicitation_id, ...given }, options);
    },
    interrupt({ turn, clearQueue, ...options } = {}) {
      const only = { ...(turn && { turn_id: turn.id }), ...(clearQueue !== undefined && { clear_queue: clearQueue }) };
      return send({ type: 'interrupt', ...only }, options);
    },
    configure(configId, value, options) {
      return send({ type: 'configure', config_id: configId, value }, options);
    },
    async patch(options) {
      const patch = await unwrap(http.GET('/api/sessions/{session_id}/patch', { params: inSession, ...options }));
      fetchedPatch = patch;
      return patch;
    },
    async applyPatch(patch, options) {
      const { patch_id } = patch ?? fetchedPatch ?? (await session.patch(options));
      const call = http.POST('/api/sessions/{session_id}/apply_patch', {
        params: inSession,
        body: { patch_id },
        ...options,
      });
      const answer = await unwrap(call);
      fetchedPatch = undefined;
      appliedPatch = answer;
      return answer;
    },
    async revertPatch(patch = appliedPatch, options) {
      if (patch === undefined) throw new TypeError('This handle has applied no patch: name the one to revert.');
      const body = { patch_id: patch.patch_id };
      const call = http.POST('/api/sessions/{session_id}/revert_patch', { params: inSession, body, ...options });
      const answer = await unwrap(call);
      appliedPatch = undefined;
      return answer;
    },
    async refresh(options) {
      info = await unwrap(http.GET('/api/sessions/{session_id}', { params: inSession, ...options }));
      return info;
    },
    async close({ purge, ...options } = {}) {
      const params = { ...inSession, query: purge === undefined ? {} : { purge } };
      await unwrap(http.DELETE('/api/sessions/{session_id}', { params, ...options }));
    },
    async [Symbol.asyncDispose]() {
      disposed.abort(new DOMException('The session handle was disposed of.', 'AbortError'));
      if (created) await session.close().catch(ignoreAbsence);
    },
  };
  return session;

  async function submit(
    message: string | readonly PromptContent[] | Submission,
    options: CommandOptions = {},
  ): Promise<Turn | SubmitResponse> {
    const isContent = typeof message === 'string' || 'map' in message;
    const submission: Submission = isContent ? { type: 'user_message', content: message as string } : message;
    const answer = await send(submission, options);
    if (submission.type !== 'user_message') return answer;
    const { turn_id } = answer;
    if (turn_id === undefined) throw new ValidationError('The answer to a user message', [NO_TURN], answer);
    return createTurn(
      { ...answer, turn_id },
      {
        live: (after, { signal, onConnection }) => openStream(after, [signal, options.signal], onConnection),
        log: (after, { signal }) => readLog(http, id, after, { signal }),
      },
    );
  }

  /** Submits with the submission's own id as the key, where it has one. */
  function send(submission: Submission, options: CommandOptions = {}): Promise<SubmitResponse> {
    const { idempotencyKey = submission.submission_id, ...call } = options;
    const init = { params: inSession, body: submission, ...call, idempotencyKey };
    return unwrap(http.POST('/api/sessions/{session_id}/submit', init));
  }

  function openStream(
    after: number,
    signals: readonly (AbortSignal | undefined)[],
    onConnection: EventsOptions['onConnection'],
  ): EventStream {
    const { queueLimit, backoff, maxReconnects, closed } = context;
    return createEventStream(
      {
        connection: context.connectionOf(id),
        readLog: (cursor, signal) => readLogPage(http, id, cursor, { signal, maxRetries: maxReconnects }),
        queueLimit,
        backoff,
      },
      { after, signals: [...signals, disposed.signal, closed], onConnection },
    );
  }
}
