import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Limits, ServiceError } from '@parleyhq/contract';
import { type WebSocket, WebSocketServer as WsServer } from 'ws';
import type { ByteBudget } from '../byte-budget.js';
import { createIncoming, type Incoming } from '../http/incoming.js';
import type { CheckedLimits } from '../limits.js';
import { type CapacityLimits, createCapacity } from './capacity.js';
import { type Admission, type Connection, openConnection } from './connection.js';
import { pageBytes } from './page-bytes.js';
import { refuseSocket } from './refuse-socket.js';

/** An admitted peer, with the credential that let it in. */
export interface SocketAdmission extends Admission {
  /** Whose connection it is. */
  readonly account: string;
  /** The id of the login or token, for `endCredential`; never its secret. */
  readonly credential?: string | undefined;
  /** What its limits count by: see `credentialOf`. */
  readonly client: string;
  /** When the credential expires, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** The options of the WebSocket server. */
export interface WebSocketServerOptions {
  /** Checks a handshake. Rejects with a ServiceError, which becomes an HTTP answer. */
  admit(request: IncomingMessage): Promise<SocketAdmission>;
  /** Receives errors that are faults of the server. */
  onError(error: unknown): void;
  /**
   * Something is sent at least each `heartbeatIntervalMs`. A peer without a sign of life is terminated after two intervals. A
   * peer with data waiting for it is terminated after eight intervals in which it has neither taken any of it nor sent anything.
   */
  readonly limits: CapacityLimits &
    Pick<CheckedLimits, 'heartbeatIntervalMs' | 'maxFrameBytes' | 'maxBadFrames' | 'maxFramesPerSecond'>;
  /** The bytes that clients have sent and that are not dealt with yet. */
  readonly incoming: ByteBudget;
  /** The id and headers for the answer to a handshake; with an error if it is refused. @default a new id */
  answerHeaders?(request: IncomingMessage, refusal?: ServiceError): AnswerHeaders;
}

/** The request id and the additional headers of the answer to a handshake. */
export interface AnswerHeaders {
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The sockets of all sessions. */
export interface WebSocketServer {
  /** For the HTTP server's event `upgrade`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Checks whether one more connection to a session would be accepted.
   *
   * @throws ServiceError TooManyConnections, or Unavailable while the server drains.
   */
  checkCapacity(sessionId: string, account: string): void;
  /** Closes the connections of a credential with 4401. */
  endCredential(credential: string): void;
  /** How many connections are open. */
  readonly connections: number;
  /**
   * Refuses new connections and closes all others with 1001. Resolves when they are closed.
   *
   * @param graceMs How long peers may take to close, in milliseconds. @default 2_000 // 2 seconds
   */
  drain(graceMs?: number): Promise<void>;
}

interface Peer {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
  readonly connection: Connection;
  readonly sessionId: string;
  readonly account: string;
  readonly credential: string | undefined;
  readonly expiresAt: number;
  /** The frame that is arriving. */
  readonly incoming: Incoming;
  /** The bytes transferred at the last check, and the number of checks since then without a change. */
  seen: number;
  silent: number;
}

const SUBPROTOCOL = 'parley.v1';
/** With more bytes than this waiting, a reader gets no more events. So at most this and one page wait for a stalled reader. */
const EVENTS_HIGH_WATER = 65_536;
/** With more bytes than this waiting, a peer's frames are not read: it must first read the answers to earlier ones. */
const ANSWERS_HIGH_WATER = 262_144;
/** The bytes of a client's control frame beside its data: two, and the mask. */
const CONTROL_HEADER = 6;
const SILENT_LOOKS = 4;
/** More for a peer with a backlog: progress with a large write is visible only when all of it has been taken. */
const STALLED_LOOKS = 16;

/** Creates the server. No other file uses `ws`. */
export function createWebSocketServer(options: WebSocketServerOptions): WebSocketServer {
  const { admit, onError, answerHeaders = anyHeaders } = options;
  const { heartbeatIntervalMs, maxFrameBytes, maxBadFrames, maxFramesPerSecond } = options.limits;
  const limits: Limits = {
    max_frame_bytes: maxFrameBytes,
    max_bad_frames: maxBadFrames,
    max_frames_per_second: maxFramesPerSecond,
  };
  const peers = new Set<Peer>();
  const capacity = createCapacity(options.limits);
  let draining = false;
  let lastGone: (() => void) | undefined;

  // A peer may offer its token as a subprotocol. Only our own subprotocol is ever sent back.
  const ws = new WsServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  ws.on('wsClientError', (error, socket, request) =>
    refuse(request, socket, new ServiceError('InvalidRequest', error.message)),
  );
  ws.on('headers', (lines, request) => {
    for (const [name, value] of Object.entries(answerHeaders(request).headers)) lines.push(`${name}: ${value}`);
  });
  const timer = setInterval(look, heartbeatIntervalMs / 2);
  timer.unref();

  function checkCapacity(sessionId: string, account: string): void {
    if (draining) throw new ServiceError('Unavailable', 'the server is stopping', { retryAfter: 1 });
    capacity.check({ sessionId, account });
  }

  async function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Before ws has the socket, nobody else listens for its errors. An error means that the peer has left.
    const leaveNow = () => socket.destroy();
    socket.on('error', leaveNow);
    try {
      const admission = await admit(request);
      checkCapacity(admission.feed.sessionId, admission.account);
      checkProtocol(request);
      ws.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('error', leaveNow);
        welcome(webSocket, socket, admission);
      });
    } catch (error) {
      if (!(error instanceof ServiceError)) onError(error);
      const known = error instanceof ServiceError ? error : new ServiceError('InternalError', 'the handshake failed');
      refuse(request, socket, known);
    }
  }

  // A refused handshake gets the same answer as an HTTP request.
  function refuse(request: IncomingMessage, socket: Duplex, error: ServiceError): void {
    const { requestId, headers } = answerHeaders(request, error);
    refuseSocket(socket, error, requestId, headers, request.method);
  }

  function welcome(webSocket: WebSocket, socket: Duplex, admission: SocketAdmission): void {
    if (!(socket instanceof Socket)) throw new TypeError('expected the socket of a node:http or node:https server');
    const highWater = Math.max(EVENTS_HIGH_WATER, socket.writableHighWaterMark);
    const connection = openConnection(
      {
        // ws writes whole frames immediately and in order (no compression, no fragments). So we may write to the socket too:
        // one write for all frames of a page, with bytes that all readers share.
        sendPage(page) {
          if (webSocket.readyState !== webSocket.OPEN) return false;
          socket.write(pageBytes(page));
          // Without this: takes no notice of a socket that is full
          return socket.writableLength < highWater;
        },
        sendText(text) {
          webSocket.send(text);
          // Without this: answers a peer that takes no answers
          if (socket.writableLength > ANSWERS_HIGH_WATER) webSocket.pause();
        },
        close: (code, reason) => webSocket.close(code, reason),
      },
      admission,
      { heartbeatIntervalMs, limits, onError },
    );
    const { account, credential, expiresAt = Number.POSITIVE_INFINITY } = admission;
    const { sessionId } = admission.feed;
    const known = { sessionId, account, credential, expiresAt };
    const incoming = createIncoming(options.incoming, admission.client);
    const peer: Peer = { webSocket, socket, connection, incoming, ...known, seen: 0, silent: 0 };
    enter(peer);
    // Before ws gets the bytes, which may complete the frame.
    socket.prependListener('data', (bytes: Buffer) => {
      // Without this: keeps unfinished frames of any number of peers
      if (!incoming.take(bytes.length)) webSocket.terminate();
    });
    socket.on('drain', () => {
      if (webSocket.isPaused) webSocket.resume();
      connection.drained();
    });
    webSocket.on('message', (data, isBinary) => {
      incoming.end();
      connection.message(isBinary ? undefined : data.toString());
    });
    // Pings and pongs may come between the pieces of a message.
    for (const control of ['ping', 'pong'] as const) {
      webSocket.on(control, ({ length }) => incoming.skip(CONTROL_HEADER + length));
    }
    // ws reports an invalid frame and closes (1007, 1009). That is the peer's fault, so it is not logged as an error.
    webSocket.on('error', () => connection.closed());
    webSocket.on('close', () => leave(peer));
  }

  function enter(peer: Peer): void {
    peers.add(peer);
    capacity.enter(peer);
  }

  function leave(peer: Peer): void {
    peer.connection.closed();
    peer.incoming.end();
    peers.delete(peer);
    capacity.leave(peer);
    if (peers.size === 0) lastGone?.();
  }

  function look(): void {
    const now = Date.now();
    for (const peer of peers) {
      // Without this: keeps a peer whose credential has expired
      if (now >= peer.expiresAt) peer.connection.close(4401, 'credentials expired');
      // A peer must answer the ping or send something else. With a backlog, the ping waits too: taking data counts then.
      const backlog = peer.socket.writableLength;
      const taken = backlog > 0 ? peer.socket.bytesWritten - backlog : 0;
      // Without this: does not listen to a peer that takes its time
      // Without this: keeps a peer that answers no ping
      const seen = peer.socket.bytesRead + taken;
      peer.silent = seen === peer.seen ? peer.silent + 1 : 0;
      peer.seen = seen;
      // Without this: keeps a peer that takes nothing
      if (peer.silent >= (backlog > 0 ? STALLED_LOOKS : SILENT_LOOKS)) {
        peer.webSocket.terminate();
      } else if (peer.webSocket.readyState === peer.webSocket.OPEN) {
        peer.webSocket.ping();
        peer.connection.tick();
      }
    }
  }

  return {
    handleUpgrade: (request, socket, head) => void handleUpgrade(request, socket, head),
    checkCapacity,
    get connections() {
      return peers.size;
    },

    endCredential(credential) {
      for (const peer of peers) if (peer.credential === credential) peer.connection.close(4401, 'credentials ended');
    },

    async drain(graceMs = 2_000) {
      draining = true;
      clearInterval(timer);
      if (peers.size === 0) return;
      const gone = new Promise<void>((resolve) => {
        lastGone = resolve;
      });
      for (const peer of peers) peer.connection.close(1001, 'the server is stopping');
      const deadline = setTimeout(() => {
        for (const peer of peers) peer.webSocket.terminate();
      }, graceMs);
      await gone;
      clearTimeout(deadline);
    },
  };
}

function checkProtocol({ headers }: IncomingMessage): void {
  if (headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-version'] === '13') return;
  throw new ServiceError('UpgradeRequired', 'expected an upgrade to websocket, version 13');
}

function anyHeaders(): AnswerHeaders {
  const requestId = randomUUID();
  return { requestId, headers: { 'X-Request-Id': requestId, 'Cache-Control': 'no-store' } };
}
