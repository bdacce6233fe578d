import type { FrameLog } from '../events/frame-log.js';
import type { Exchange } from '../wire/exchange.js';
import type { Coverage } from './coverage.js';
import type { Random } from './random.js';
import type { Wire } from './wire-log.js';

/** Which credential a request carries: that of the first or second account, none, or another one. */
export type Credential = 'token' | 'token2' | 'none' | { readonly bearer: string };

/** A request to the server. */
export interface Call {
  /** @default 'GET' */
  readonly method?: string;
  /** The path with its query, as it is sent. */
  readonly path: string;
  /** @default 'token' */
  readonly as?: Credential;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. The Content-Type is that of JSON, unless `headers` has another. */
  readonly json?: unknown;
  /** Sent unchanged, instead of `json`. */
  readonly body?: string | Buffer;
  /** Whether the body that the headers announce is never sent. The answer must come anyway. */
  readonly withholdsBody?: boolean;
  /** Return a 429 TooManyRequests too. Default: wait and try again. */
  readonly takes429?: boolean;
}

/** A session that a rule uses, from the answer to `createSession`. */
export interface TestSession {
  readonly session_id: string;
  /** `/api/sessions/` and the id. */
  readonly path: string;
  readonly ws_url: string;
  readonly http_url: string;
  /** Where the agent works: a folder that only this session uses, empty at first. */
  readonly cwd: string;
  /** The whole body of the answer. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** What all rules share: one server, which they reach only over the network. */
export interface World {
  /** The server's address, without a path and without a slash at the end. */
  readonly url: string;
  /** The agent of the sessions; undefined for the server's default agent. */
  readonly agent: string | undefined;
  /**
   * The secrets themselves, for requests that do not use `call`, for example a handshake. `hide` removes them from
   * texts.
   */
  readonly token: string;
  readonly token2: string | undefined;
  /** Whether unknown properties and values, which a tolerant reader ignores, break a rule. */
  readonly strict: boolean;
  /** Milliseconds that an answer or a frame may take to come. */
  readonly patience: number;
  readonly coverage: Coverage;
  /** Everything that has been sent and received, judged by the documents. */
  readonly wire: Wire;
  /** Everything that was received on sockets, judged by the documents. */
  readonly frames: FrameLog;
  /** Aborts when the run has to stop. */
  readonly signal: AbortSignal;

  /**
   * Sends a request to the server. Each answer is judged by the documents, and its mistakes break `rest/answer-status`,
   * `-headers` or `-body`. A rule need not check that itself.
   *
   * @throws BrokenRule if there is no answer, NotExercised if the answer is 429 TooManyRequests again and again.
   */
  call(call: Call): Promise<Exchange>;

  /**
   * Creates a session with its own folder. It is purged when the run ends.
   *
   * @param settings Fields of CreateSessionRequest, in addition to `cwd` and `agent`.
   * @throws BrokenRule if the server does not create it, NotExercised if it has too many sessions.
   */
  createSession(settings?: Readonly<Record<string, unknown>>): Promise<TestSession>;

  /** A session that rules share. They must leave it idle. Its log may grow at any time. */
  sharedSession(): Promise<TestSession>;

  /** Creates an empty folder inside the server's roots. */
  createFolder(): Promise<string>;

  /** Random numbers for a rule, from the seed of the run. */
  random(name: string): Random;

  /**
   * Kills the server and starts it again (`--restart`). Resolves when it answers.
   *
   * @throws NotExercised without `--restart`.
   */
  restart(): Promise<void>;

  /** A text with the secrets of this run removed. */
  hide(text: string): string;
}
