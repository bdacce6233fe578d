import { findLocalServer } from '#local';
import type { ClientContext } from './client-context.js';
import { asyncDispose } from './dispose.js';
import { ValidationError } from './errors.js';
import { createHttp, type HttpClient } from './http/create-http.js';
import { currentToken, type TokenSource } from './http/token.js';
import { toServiceError } from './http/unwrap.js';
import type { LocalServerOptions } from './local/local-server.js';
import { type Logger, silentLogger } from './logger.js';
import { createSessions, type Sessions } from './sessions.js';
import { createStopper } from './stop.js';
import type { Backoff } from './stream/backoff.js';
import { createSharedConnection, type SharedConnection } from './stream/shared-connection.js';
import type { WebSocketConstructor } from './stream/web-socket.js';

/** Where the server is, and how to speak to it. */
export interface ClientOptions {
  /** Such as `http://127.0.0.1:8080`; in a browser also relative to the page. Sockets go to the same place. */
  readonly baseUrl: string;
  /**
   * The access token, or a function that is asked before each request and handshake, and once more when what it gave is
   * refused. Leave it out where a browser's cookie is the credential.
   */
  readonly token?: TokenSource | undefined;
  /** @default the runtime's */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** @default the browser's, or `ws` in Node */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** What happens behind the scenes; `console` fits. @default silence */
  readonly logger?: Logger | undefined;
  /** Milliseconds for each attempt of a call. @default 60_000 // 1 minute */
  readonly timeout?: number | undefined;
  /**
   * Attempts of a call after the first, where failing may pass. They wait as long as `Retry-After` says, up to 10 seconds
   * in all: where the server asks for more, the call rejects at once, with the `retryAfter` of its ServiceError. @default 3
   */
  readonly maxRetries?: number | undefined;
  /**
   * Attempts in a row to connect a stream, after which its loop throws. They wait as long as `Retry-After` says, up to 5
   * minutes in all: where the server asks for more, the loop throws at once. @default 20 // some minutes
   */
  readonly maxReconnects?: number | undefined;
  /** Milliseconds until the server must have acknowledged a socket. @default 15_000 // 15 seconds */
  readonly handshakeTimeout?: number | undefined;
  /** Waits between attempts, of calls and streams alike. */
  readonly backoff?: Backoff | undefined;
  /** Events of a stream that may wait for its loop, before it lets go of the socket and catches up. @default 1_000 */
  readonly queueLimit?: number | undefined;
}

/** A client of one server. `await using` ends its loops and closes its sockets; sessions of the server stay as they are. */
export interface Client extends AsyncDisposable {
  /** Every operation of openapi.yaml, typed, as `{data}` or `{error}`; validated and repeated like everything here. */
  readonly http: HttpClient;
  /** What most applications need: sessions, their turns and their events. */
  readonly sessions: Sessions;
}

/** What a client of a server on this machine takes: where to look for it, and how to speak to it. */
export type LocalClientOptions = LocalServerOptions & Omit<ClientOptions, 'baseUrl' | 'token'>;

/** Makes clients. */
export interface CreateClient {
  /**
   * Makes a client; it connects to nothing before it is used.
   *
   * @throws TypeError for a `baseUrl` that is no address of HTTP.
   */
  (options: ClientOptions): Client;
  /**
   * Makes a client of a server that runs on this machine, which it finds in the server's data directory, with the token of
   * its owner. For Node alone: a page can read no files.
   *
   * @throws LocalServerError where no server runs, or its token cannot be read.
   */
  local(options?: LocalClientOptions): Client;
}

/** Makes a client of the server that one names, or with `createClient.local()` of the one on this machine. */
export const createClient: CreateClient = Object.assign(connectTo, {
  local({ dataDir, baseUrl, ...options }: LocalClientOptions = {}) {
    const server = findLocalServer({ dataDir, baseUrl });
    return connectTo({ ...options, baseUrl: server.baseUrl, token: server.token });
  },
});

function connectTo(options: ClientOptions): Client {
  const { token, logger = silentLogger, backoff = {}, maxRetries = 3, maxReconnects = 20, queueLimit = 1000 } = options;
  const baseUrl = new URL(options.baseUrl, globalThis.location?.href).href.replace(/\/$/, '');
  // Without a scheme, the name of a host is taken for one.
  if (!/^https?:/.test(baseUrl)) throw new TypeError(`expected a baseUrl such as http://${baseUrl}, got ${baseUrl}`);
  const http = createHttp(baseUrl, {
    // Called as a function of the global object: browsers refuse another `this`.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    token,
    timeout: options.timeout ?? 60_000,
    maxRetries,
    backoff,
    logger,
  });
  const closed = createStopper();
  const connections = new Map<string, SharedConnection>();
  const context: ClientContext = {
    http,
    onClose: closed.onStop,
    backoff,
    maxRetries,
    maxReconnects,
    queueLimit,
    connectionOf,
  };
  return {
    http,
    sessions: createSessions(context),
    async [asyncDispose]() {
      closed.stop(new DOMException('The client was disposed of.', 'AbortError'));
    },
  };

  function connectionOf(sessionId: string): SharedConnection {
    const found = connections.get(sessionId) ?? connect(sessionId);
    connections.set(sessionId, found);
    return found;
  }

  function connect(sessionId: string): SharedConnection {
    const path = { session_id: sessionId };
    return createSharedConnection({
      url: (since) => `${baseUrl.replace(/^http/, 'ws')}/api/sessions/${sessionId}/events?since_event_id=${since}`,
      token: () => currentToken(token),
      renewable: typeof token === 'function',
      async probe(since, signal) {
        const params = { path, query: { since_event_id: since } };
        const call = { params, signal, maxRetries: 0 };
        const { error, response } = await http.GET('/api/sessions/{session_id}/events', call);
        if (error) return toServiceError(error, response);
        throw new ValidationError('The answer of probeEvents, which is never a success,', [], response.status);
      },
      WebSocket: options.WebSocket,
      handshakeTimeout: options.handshakeTimeout ?? 15_000,
      maxReconnects,
      backoff,
      logger,
    });
  }
}
