import {
  type Client,
  type CreateSessionRequest,
  createClient,
  ServiceError,
  type Session,
  type SessionEvent,
  type TokenSource,
  type TurnCompletedEvent,
  type UserMessageSubmission,
} from '@parleyhq/client';
import { loginHint } from '../agents/login-hint.js';
import { EXIT, ExitError } from '../exit-error.js';
import { explainServerError } from '../server-access.js';
import type { Answers } from './ask/answers.js';
import type { Presentation } from './presentation.js';
import { createQuestionHandler } from './question-handler.js';
import type { StopSignals } from './stop-signals.js';

/** One message to an agent, and how its turn is shown and its questions are answered. */
export interface RunOptions {
  readonly prompt: string;
  /** What becomes of it while a turn runs. @default 'queue' */
  readonly delivery?: UserMessageSubmission['delivery'] | undefined;
  /** The server. It has `close` only if this process started it. */
  readonly server: {
    readonly baseUrl: string;
    readonly token: TokenSource;
    readonly close?: () => Promise<void>;
  };
  /** Further words of a command that uses the same agents, for hints. @default none */
  readonly agentOptions?: readonly string[];
  /** The id of an existing session, or the settings of a new one. */
  readonly session: string | CreateSessionRequest;
  readonly presentation: Presentation;
  readonly answers: Answers;
  /** Whether a person can be asked, also about the patch of a turn that did not complete. */
  readonly person: boolean;
  readonly signals: StopSignals;
}

/** Milliseconds that the last interrupt may take when the user quits. */
const INTERRUPT_TIMEOUT = 2_000;

/**
 * Sends a message, shows the events of its turn, and answers the agent's questions until the turn has ended. Resolves
 * with the exit code.
 *
 * @throws Errors of the SDK; the reason of `signals.quit` once that is aborted.
 */
export async function run(options: RunOptions): Promise<number> {
  const { server } = options;
  const client = createClient({ baseUrl: server.baseUrl, token: server.token });
  try {
    return await converse(client, options);
  } catch (error) {
    throw await withLoginHint(client, options, error);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

async function converse(client: Client, options: RunOptions): Promise<number> {
  const { presentation, answers, signals } = options;
  const quit = signals.quit;
  const session =
    typeof options.session === 'string'
      ? await client.sessions.get(options.session, { signal: quit })
      : await client.sessions.create(options.session, { signal: quit });
  const { prompt: content, delivery } = options;
  const message = { type: 'user_message', content, ...(delivery && { delivery }) } as const;
  const turn = await session.submit(message, { signal: quit });
  presentation.begin(session, turn, delivery ?? 'queue');

  const failed = new AbortController();
  const fail = (error: unknown) => failed.abort(error);
  const signal = AbortSignal.any([quit, failed.signal]);
  signals.onInterrupt(() => {
    presentation.tell('Interrupting; Ctrl-C again quits at once.');
    session.interrupt({ turn, signal }).catch(fail);
    return true;
  });

  const held: SessionEvent[] = [];
  const questions = createQuestionHandler({
    ...{ session, turn, answers, signal, tell: presentation.tell, onShown: presentation.hideDiffs },
    onIdle() {
      for (const event of held.splice(0)) void presentation.show(event);
    },
  });
  const events = session.events({
    after: typeof options.session === 'string' ? turn.eventId - 1 : 0,
    signal,
    onConnection(status) {
      if (status.status === 'waiting')
        presentation.tell(`The connection broke (${status.error.message}); trying again.`);
    },
  });

  let seen = 0;

  /** Shows events until `find` returns a value for one of them. */
  async function readTo<T>(find: (event: SessionEvent) => T | undefined): Promise<T> {
    for (;;) {
      const { value: event, done } = await events.next();
      if (done === true) throw new Error('The session ended before its turn did.');
      if (options.person && questions.isAsking) held.push(event);
      else await presentation.show(event);
      questions.onEvent(event);
      seen = event.id;
      const found = find(event);
      if (found !== undefined) return found;
    }
  }

  try {
    const working = questions.work().catch((error: unknown) => {
      failed.abort(error);
      return false;
    });
    const end = await readTo<TurnCompletedEvent>((event) =>
      event.type === 'turn_completed' && event.turn_id === turn.id ? event : undefined,
    );
    let applied = await working;
    signals.onInterrupt(() => false);
    if (session.info.workspace !== 'direct' && (end.status === 'completed' || options.person)) {
      applied = (await questions.settlePatch()) && applied;
      const { latest_event_id } = await session.refresh({ signal });
      if (seen < latest_event_id) await readTo(({ id }) => (id >= latest_event_id ? id : undefined));
    }
    presentation.end(session, options.server.close === undefined);
    if (end.status === 'completed') return applied ? 0 : EXIT.failed;
    return end.status === 'interrupted' ? EXIT.interrupted : EXIT.failed;
  } catch (error) {
    if (options.server.close === undefined) await interruptLast(session, turn);
    throw error;
  } finally {
    await events.return?.();
  }
}

/** The same error, for an agent that wants a login with what to type. */
async function withLoginHint(client: Client, { session, agentOptions = [] }: RunOptions, error: unknown) {
  if (!(error instanceof ServiceError) || error.code !== 'AgentLoginRequired') return error;
  const explained = explainServerError(error);
  // A session that exists has been started before: its turns say what is wrong.
  if (typeof session === 'string' || !(explained instanceof ExitError)) return error;
  const hint = await loginHint(client, session.agent, agentOptions);
  return new ExitError(explained.exitCode, explained.message + hint);
}

/** Interrupts the turn, since nobody is left to answer what the agent may ask. */
async function interruptLast(session: Session, turn: { readonly id: string }): Promise<void> {
  const signal = AbortSignal.timeout(INTERRUPT_TIMEOUT);
  // This is the last step before the exit, so its failure changes nothing.
  await session.interrupt({ turn, signal, maxRetries: 0 }).catch(() => undefined);
}
