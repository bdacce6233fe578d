import { findLocalServer } from '#local';
import { toBaseUrl } from './base-url.js';
import { checkCount, checkDuration, checkType } from './check-options.js';
import type { ClientContext } from './client-context.js';
import { type AsyncDisposableLike, asyncDispose } from './dispose.js';
import { ValidationError } from './errors.js';
import { createHttp, type HttpClient } from './http/create-http.js';
import type { Fetch } from './http/fetch.js';
import { currentToken, type TokenSource } from './http/token.js';
import { toServiceError } from './http/unwrap.js';
import type { LocalServerOptions } from './local/local-server.js';
import { type Logger, silentLogger } from './logger.js';
import { createSessions, type Sessions } from './sessions.js';
import { createStopper } from './stop.js';
import type { Backoff } from './stream/backoff.js';
import type { ReconnectOptions } from './stream/reconnect.js';
import { createSharedConnections } from './stream/shared-connection.js';
import type { WebSocketConstructor } from './stream/web-socket.js';

/** Where the server is, and how to speak to it. */
export interface ClientOptions {
  /**
   * For example `http://127.0.0.1:8080`, without credentials, query or hash; in a browser also relative to the page. Sockets
   * use the same address. Redirects are followed only within this origin.
   */
  readonly baseUrl: string;
  /**
   * The access token, or a function that is called for it before each request and handshake, and once more when the server
   * refuses the token. Leave it out when a browser's cookie is the credential.
   */
  readonly token?: TokenSource | undefined;
  /** A function like `fetch`, for example that of undici. @default the runtime's */
  readonly fetch?: Fetch | undefined;
  /** @default the browser's, or `ws` in Node */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** Where the SDK logs retries and reconnects, for example `console`. @default no log */
  readonly logger?: Logger | undefined;
  /** Milliseconds for each attempt of a call; `Infinity` for no limit. @default 60_000 // 1 minute */
  readonly timeout?: number | undefined;
  /**
   * How often a call is tried again after a failure that may pass. The SDK waits as long as `Retry-After` says, up to 10
   * seconds for all attempts together. If the server asks for more, the call rejects at once; its ServiceError has the
   * `retryAfter`.
   *
   * @default 3
   */
  readonly maxRetries?: number | undefined;
  /**
   * Failed attempts in a row to connect a stream, after which its loop throws. The SDK waits as long as `Retry-After` says,
   * up to 5 minutes for all attempts together. If the server asks for more, the loop throws at once.
   *
   * @default 20 // some minutes
   */
  readonly maxReconnects?: number | undefined;
  /** Milliseconds until the server must have acknowledged a socket; `Infinity` for no limit. @default 15_000 // 15 seconds */
  readonly handshakeTimeout?: number | undefined;
  /** The waits between attempts, for calls and for streams. */
  readonly backoff?: Backoff | undefined;
  /** How many events may wait for a slow loop. With more, the stream leaves the socket and catches up later. @default 1_000 */
  readonly queueLimit?: number | undefined;
}

/** A client of one server. `await using` ends its loops and closes its sockets; the sessions on the server go on. */
export interface Client extends AsyncDisposableLike {
  /** Every operation of openapi.yaml, typed, with `{data}` or `{error}`; validated and retried like all calls. */
  readonly http: HttpClient;
  /** What most applications need: sessions, their turns and their events. */
  readonly sessions: Sessions;
}

/** The options of a client for a server on this machine. */
export type LocalClientOptions = LocalServerOptions & Omit<ClientOptions, 'baseUrl' | 'token'>;

/** Makes clients. */
export interface CreateClient {
  /**
   * Makes a client. It connects when it is used.
   *
   * @throws TypeError for a `baseUrl` that is not an HTTP address or has credentials, a query or a hash, and for an option of
   * the wrong type; RangeError for a number that is out of range.
   */
  (options: ClientOptions): Client;
  /**
   * Makes a client for a server that runs on this machine. Its address and the owner's token are read from the server's data
   * directory. Only for Node: a web page cannot read files.
   *
   * @throws LocalServerError if no server runs, or its token cannot be read.
   */
  local(options?: LocalClientOptions): Client;
}

/** Makes a client for the server at `baseUrl`; `createClient.local()` finds a server on this machine. */
export const createClient: CreateClient = Object.assign(connectTo, {
  local({ dataDir, baseUrl, ...options }: LocalClientOptions = {}) {
    const server = findLocalServer({ dataDir, baseUrl });
    return connectTo({ ...options, baseUrl: server.baseUrl, token: server.token });
  },
});

function connectTo(options: ClientOptions): Client {
  const { token, logger = silentLogger, backoff = {}, maxRetries = 3, maxReconnects = 20, queueLimit = 1000 } = options;
  const { WebSocket, timeout = 60_000, handshakeTimeout = 15_000 } = options;
  // Called as a function of the global object: browsers refuse another `this`.
  const { fetch = (url, init) => globalThis.fetch(url, init) } = options;
  const baseUrl = toBaseUrl(options.baseUrl);
  if (token !== undefined && typeof token !== 'function') checkType('token', token, 'string');
  checkType('fetch', fetch, 'function');
  if (WebSocket !== undefined) checkType('WebSocket', WebSocket, 'function');
  checkType('logger.debug', logger.debug, 'function');
  checkType('logger.warn', logger.warn, 'function');
  checkDuration('timeout', timeout);
  checkDuration('handshakeTimeout', handshakeTimeout);
  checkDuration('backoff.base', backoff.base ?? 0, 0);
  checkDuration('backoff.max', backoff.max ?? 0, 0);
  checkCount('maxRetries', maxRetries);
  checkCount('maxReconnects', maxReconnects);
  checkCount('queueLimit', queueLimit, 1);
  const http = createHttp(baseUrl, { fetch, token, timeout, maxRetries, backoff, logger });
  const closed = createStopper();
  const context: ClientContext = {
    http,
    onClose: closed.onStop,
    backoff,
    maxRetries,
    maxReconnects,
    queueLimit,
    connectionOf: createSharedConnections(describeConnection),
  };
  return {
    http,
    sessions: createSessions(context),
    async [asyncDispose]() {
      closed.stop(new DOMException('The client was disposed of.', 'AbortError'));
    },
  };

  function describeConnection(sessionId: string): ReconnectOptions {
    const path = { session_id: sessionId };
    const address = `${baseUrl.replace(/^http/, 'ws')}/api/sessions/${encodeURIComponent(sessionId)}/events`;
    return {
      url: (since) => `${address}?since_event_id=${since}`,
      token: () => currentToken(token),
      renewable: typeof token === 'function',
      async probe(since, signal) {
        const params = { path, query: { since_event_id: since } };
        const call = { params, signal, maxRetries: 0 };
        const { error, response } = await http.GET('/api/sessions/{session_id}/events', call);
        if (error) return toServiceError(error, response);
        throw new ValidationError('The answer of probeEvents, which is never a success,', [], response.status);
      },
      WebSocket,
      handshakeTimeout,
      maxReconnects,
      backoff,
      logger,
    };
  }
}
