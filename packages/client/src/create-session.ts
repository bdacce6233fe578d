import {
  type Patch,
  type Problem,
  type PromptContent,
  ServiceError,
  type Session as SessionInfo,
  type Submission,
  type SubmitResponse,
} from '@parleyhq/contract';
import { checkCount } from './check-options.js';
import type { ClientContext } from './client-context.js';
import { asyncDispose } from './dispose.js';
import { ValidationError } from './errors.js';
import { PATIENCE_OF_STREAMS } from './http/retry-after.js';
import { unwrap } from './http/unwrap.js';
import { createLogReader, readLog } from './log-reader.js';
import type { CommandOptions } from './options.js';
import type { EventsOptions, Session } from './session.js';
import { createStopper, type Stop, whenAborted } from './stop.js';
import { createEventStream, type EventStream } from './stream/event-stream.js';
import { createTurn, type Turn } from './turn.js';

/** A handle on a session. If it was `created` by this handle, disposing of the handle closes it. */
export function createSession(context: ClientContext, description: SessionInfo, created: boolean): Session {
  const { http } = context;
  const id = description.session_id;
  const disposed = createStopper();
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
      checkCount('after', after, 0, Number.MAX_SAFE_INTEGER);
      return openStream(after, [whenAborted(signal)], onConnection);
    },
    history({ after = 0, limit, ...options } = {}) {
      checkCount('after', after, 0, Number.MAX_SAFE_INTEGER);
      if (limit !== undefined) checkCount('limit', limit);
      return readLog(createLogReader(context, id, options), after, limit);
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
    async review(event, decide, options) {
      if (event.type !== 'patch_updated' || !event.patch) return undefined;
      try {
        const patch = await session.patch(options);
        // Another patch is shown for the event that announces it.
        const isAnnounced = patch.patch_id === event.patch.patch_id;
        if (isAnnounced && (await decide(patch))) return await session.applyPatch(patch, options);
      } catch (error) {
        // It is pending no more: it was answered, or there is another one.
        const { code } = error as Partial<ServiceError>;
        if (code !== 'NoPendingPatch' && code !== 'PatchSuperseded') throw error;
      }
      return undefined;
    },
    async revertPatch(patch = appliedPatch, options) {
      if (patch === undefined) throw new TypeError('No patch was applied here: name the one to revert.');
      const body = { patch_id: patch.patch_id };
      const call = http.POST('/api/sessions/{session_id}/revert_patch', { params: inSession, body, ...options });
      const answer = await unwrap(call);
      appliedPatch = undefined;
      return answer;
    },
    async fork({ after, ...options } = {}) {
      const body = { ...(after !== undefined && { after_event_id: after }) };
      const call = http.POST('/api/sessions/{session_id}/fork', { params: inSession, body, ...options });
      return createSession(context, await unwrap(call), true);
    },
    async refresh(options) {
      info = await unwrap(http.GET('/api/sessions/{session_id}', { params: inSession, ...options }));
      return info;
    },
    async close({ purge, ...options } = {}) {
      const params = { ...inSession, query: purge === undefined ? {} : { purge } };
      await unwrap(http.DELETE('/api/sessions/{session_id}', { params, ...options }));
    },
    async [asyncDispose]() {
      disposed.stop(new DOMException('The session handle was disposed of.', 'AbortError'));
      if (created) await session.close().catch(ignoreAbsence);
    },
  };
  return session;

  async function submit(
    message: string | readonly PromptContent[] | Submission,
    options: CommandOptions = {},
  ): Promise<Turn | SubmitResponse> {
    const submission = toSubmission(message);
    const answer = await send(submission, options);
    if (submission.type !== 'user_message') return answer;
    const { turn_id } = answer;
    if (turn_id === undefined) throw new ValidationError('The answer to a user message', [NO_TURN], answer);
    return createTurn(
      { ...answer, turn_id },
      {
        live: (after, { signal, onConnection }) =>
          openStream(after, [whenAborted(signal), whenAborted(options.signal)], onConnection),
        log: (after, { signal }) => readLog(createLogReader(context, id, { signal }), after),
      },
    );
  }

  /** Submits. If the submission has an id, that is the idempotency key. */
  function send(submission: Submission, options: CommandOptions = {}): Promise<SubmitResponse> {
    // Without this: makes a key where the submission has an id
    const { idempotencyKey = submission.submission_id, ...call } = options;
    const init = { params: inSession, body: submission, ...call, idempotencyKey };
    return unwrap(http.POST('/api/sessions/{session_id}/submit', init));
  }

  function openStream(after: number, stops: readonly Stop[], onConnection: EventsOptions['onConnection']): EventStream {
    const { queueLimit, backoff, maxReconnects, onClose } = context;
    return createEventStream(
      {
        connection: context.connectionOf(id),
        // Reading the log may wait as long as connecting the socket.
        openLog: (signal) =>
          createLogReader(context, id, { signal, maxRetries: maxReconnects, patience: PATIENCE_OF_STREAMS }),
        queueLimit,
        backoff,
      },
      { after, stops: [...stops, disposed.onStop, onClose], onConnection },
    );
  }
}

/** A text, or content blocks, are a user message. */
function toSubmission(message: string | readonly PromptContent[] | Submission): Submission {
  if (typeof message === 'string') return { type: 'user_message', content: message };
  return 'type' in message ? message : { type: 'user_message', content: [...message] };
}

/** Ignores that the session was purged: there is nothing left to close. */
function ignoreAbsence(error: unknown): void {
  if (!(error instanceof ServiceError && error.code === 'SessionNotFound')) throw error;
}

const NO_TURN: Problem = {
  pointer: '/turn_id',
  keyword: 'required',
  message: 'expected the turn of the message',
};
