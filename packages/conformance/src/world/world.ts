import type { FrameLog } from '../events/frame-log.js';
import type { Exchange } from '../wire/exchange.js';
import type { Coverage } from './coverage.js';
import type { Random } from './random.js';
import type { Wire } from './wire-log.js';

/** Whose credential a request carries: the first account's, the second's, another one, or none. */
export type Credential = 'token' | 'token2' | 'none' | { readonly bearer: string };

/** What to ask of the server. */
export interface Call {
  /** @default 'GET' */
  readonly method?: string;
  /** The path with its query, as it is to go over the wire. */
  readonly path: string;
  /** @default 'token' */
  readonly as?: Credential;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON with its Content-Type, unless `headers` has another. */
  readonly json?: unknown;
  /** Sent as it is, in place of `json`. */
  readonly body?: string | Buffer;
  /** Announce a body in the headers and never send it: the answer has to come all the same. */
  readonly withholdsBody?: boolean;
  /** Give back 429 TooManyRequests too, rather than wait and try again. */
  readonly takes429?: boolean;
}

/** A session that a rule works with, as its `createSession` answered. */
export interface TestSession {
  readonly session_id: string;
  /** `/api/sessions/` and its id. */
  readonly path: string;
  readonly ws_url: string;
  readonly http_url: string;
  /** Where the agent works: an empty folder of this session alone. */
  readonly cwd: string;
  /** Everything that the answer had. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** What the rules have in common: one server, seen over the wire alone. */
export interface World {
  /** The server's address, without a path and without a slash at the end. */
  readonly url: string;
  /** The agent that sessions are to have; undefined for the server's default one. */
  readonly agent: string | undefined;
  /** The secrets themselves, for what goes past `call`, such as a handshake; `hide` takes them out of texts. */
  readonly token: string;
  readonly token2: string | undefined;
  /** Whether what a tolerant reader passes over counts as broken. */
  readonly strict: boolean;
  readonly coverage: Coverage;
  /** Everything that has been sent and received, judged by the documents. */
  readonly wire: Wire;
  /** The same for what came on sockets. */
  readonly frames: FrameLog;
  /** Aborts when the run is to stop. */
  readonly signal: AbortSignal;

  /**
   * Asks the server for something. Each answer is judged by the documents, and what is wrong with it breaks
   * `rest/answer-status`, `-headers` or `-body`, whichever rule asked: a rule need not look at that.
   *
   * @throws BrokenRule where there is no answer, NotExercised where the server says 429 TooManyRequests again and again.
   */
  call(call: Call): Promise<Exchange>;

  /**
   * A new session with a folder of its own; it is purged when the run ends.
   *
   * @param settings Of CreateSessionRequest, beside `cwd` and `agent`.
   * @throws BrokenRule where the server does not create it, NotExercised where it has too many.
   */
  createSession(settings?: Readonly<Record<string, unknown>>): Promise<TestSession>;

  /** A session that all rules share who leave it idle; its log may grow at any time. */
  sharedSession(): Promise<TestSession>;

  /** A new, empty folder inside the server's roots. */
  createFolder(): Promise<string>;

  /** Chance for a rule, from the seed of the run. */
  random(name: string): Random;

  /**
   * Kills the server and starts it again (`--restart`); resolves when it answers.
   *
   * @throws NotExercised without `--restart`.
   */
  restart(): Promise<void>;

  /** A text without the secrets of this run. */
  hide(text: string): string;
}
