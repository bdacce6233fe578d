import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import type { ConnectionAck, Event, Session, Submission } from '@parleyhq/contract';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as the peer got it. */
export interface PeerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly response: ServerResponse;
}

/** A socket as the peer sees it. */
export interface PeerSocket {
  readonly since: number | undefined;
  readonly protocols: readonly string[];
  readonly socket: WebSocket;
  /** Sends a frame as it is. */
  send(frame: unknown): void;
  ack(changes?: Partial<ConnectionAck>): void;
  /** Sends what the log has behind `since`, then every event as it is appended. */
  follow(): void;
  /** Cuts the connection. */
  cut(): void;
}

/** A small peer that speaks the contract over real sockets: one session, its log in memory. */
export interface Peer extends AsyncDisposable {
  readonly url: string;
  readonly session: Session;
  readonly frames: { type: 'event'; id: number; timestamp: number; payload: unknown }[];
  readonly requests: PeerRequest[];
  readonly sockets: PeerSocket[];
  /** Answers a request instead of the peer: return false to leave it to the peer. */
  answer: ((request: PeerRequest) => boolean | Promise<boolean>) | undefined;
  /** Answers a handshake instead of the peer: return false to leave it to the peer. */
  upgrade: ((request: IncomingMessage, socket: NetSocket) => boolean) | undefined;
  /** What happens on each socket. */
  connected: (socket: PeerSocket) => void;
  append(...events: (Event | { type: string })[]): number;
  /** Resolves once the peer has had so many sockets. */
  socketCount(count: number): Promise<PeerSocket>;
}

export const SESSION = '550e8400-e29b-41d4-a716-446655440000';
export const TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
export const ITEM = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f02';
const CONNECTION = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f10';
const NOW = 1642694400000;

/** An event that says a number, so that order is easy to see. */
export function notice(text: string | number): Event {
  return { type: 'notice', level: 'info', code: 'test', message: String(text) };
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: object = {}): true {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
  return true;
}

export function sendError(response: ServerResponse, status: number, code: string, headers: object = {}): true {
  const request_id = '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11';
  return sendJson(response, status, { code, message: `${code}.`, timestamp: NOW, request_id }, headers);
}

export async function startPeer(): Promise<Peer> {
  const server = createServer((request, response) => void receive(request, response));
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'parley.v1' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const followers = new Set<PeerSocket>();
  const waiting = new Set<() => void>();
  const session = describe(host);

  const peer: Peer = {
    url: `http://${host}`,
    session,
    frames: [],
    requests: [],
    sockets: [],
    answer: undefined,
    upgrade: undefined,
    connected(socket) {
      socket.ack();
      socket.follow();
    },
    append(...events) {
      for (const payload of events) {
        const frame = { type: 'event' as const, id: peer.frames.length + 1, timestamp: NOW, payload };
        peer.frames.push(frame);
        for (const follower of followers) follower.send(frame);
      }
      session.latest_event_id = Math.max(1, peer.frames.length);
      return peer.frames.length;
    },
    async socketCount(count) {
      while (peer.sockets.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
      return peer.sockets[count - 1]!;
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of peer.sockets) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  peer.append(created());

  server.on('upgrade', (request, socket: NetSocket, head) => {
    if (peer.upgrade?.(request, socket)) return;
    webSockets.handleUpgrade(request, socket, head, (webSocket) => accept(request, webSocket));
  });
  return peer;

  function accept(request: IncomingMessage, socket: WebSocket): void {
    const since = new URL(request.url!, peer.url).searchParams.get('since_event_id');
    const connection: PeerSocket = {
      since: since === null ? undefined : Number(since),
      protocols: request.headers['sec-websocket-protocol']?.split(/, */) ?? [],
      socket,
      send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
      ack: (changes) =>
        connection.send({ type: 'connection_ack', timestamp: NOW, payload: { ...acknowledge(), ...changes } }),
      follow() {
        for (const frame of peer.frames.slice(connection.since ?? peer.frames.length)) connection.send(frame);
        followers.add(connection);
      },
      cut: () => socket.terminate(),
    };
    socket.on('close', () => followers.delete(connection));
    peer.sockets.push(connection);
    peer.connected(connection);
    for (const wake of waiting) wake();
    waiting.clear();
  }

  function acknowledge(): ConnectionAck {
    return {
      session_id: SESSION,
      connection_id: CONNECTION,
      server_time: NOW,
      latest_event_id: Math.max(1, peer.frames.length),
      earliest_event_id: 1,
      heartbeat_interval_ms: 15_000,
      limits: { max_frame_bytes: 1_048_576, max_bad_frames: 16, max_frames_per_second: 100 },
    };
  }

  async function receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of message) body += chunk;
    const url = new URL(message.url!, peer.url);
    const request: PeerRequest = {
      method: message.method!,
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body,
      response,
    };
    peer.requests.push(request);
    if (!(await peer.answer?.(request))) answer(request, peer);
  }
}

function answer({ method, path, query, headers, body, response }: PeerRequest, peer: Peer): true {
  switch (`${method} ${path.replace(SESSION, ':id')}`) {
    case 'POST /api/sessions':
      return sendJson(response, 201, peer.session);
    case 'GET /api/sessions':
      return sendJson(response, 200, { sessions: [peer.session], next_cursor: null });
    case 'GET /api/sessions/:id':
      return sendJson(response, 200, peer.session);
    case 'DELETE /api/sessions/:id':
      response.writeHead(204).end();
      return true;
    case 'POST /api/sessions/:id/submit': {
      const submission: Submission = JSON.parse(body);
      const submission_id = String(headers['idempotency-key']);
      const turn_id = submission.type === 'user_message' ? TURN : undefined;
      const event_id = peer.append({
        type: 'submission_accepted',
        submission_id,
        submission,
        ...(turn_id && { turn_id }),
      });
      const answer = { status: 'submitted', timestamp: NOW, submission_id, event_id, ...(turn_id && { turn_id }) };
      return sendJson(response, 200, answer);
    }
    case 'GET /api/sessions/:id/history': {
      const after = Number(query.get('after'));
      if (after > peer.frames.length) return sendError(response, 409, 'CursorAhead');
      const items = peer.frames.slice(after, after + Number(query.get('limit')));
      const last = items.at(-1)?.id ?? after;
      const next_after = last < peer.frames.length ? last : null;
      return sendJson(response, 200, { items, next_after, latest_event_id: peer.frames.length });
    }
    case 'GET /api/sessions/:id/events':
      return sendError(response, 426, 'UpgradeRequired');
    default:
      return sendError(response, 404, 'NotFound');
  }
}

function created(): Event {
  return {
    type: 'session_created',
    session_id: SESSION,
    account: 'owner',
    cwd: '/path/to/project',
    agent: 'demo',
    model: null,
    oss: false,
    web_search: false,
    config_profile: null,
    workspace: 'direct',
    approval_policy: 'ask',
    approval_timeout: 600_000,
    title: null,
    metadata: {},
  };
}

function describe(host: string): Session {
  return {
    session_id: SESSION,
    ws_url: `ws://${host}/api/sessions/${SESSION}/events`,
    http_url: `http://${host}/api/sessions/${SESSION}`,
    cwd: '/path/to/project',
    agent: 'demo',
    model: null,
    oss: false,
    web_search: false,
    config_profile: null,
    workspace: 'direct',
    approval_policy: 'ask',
    approval_timeout: 600_000,
    title: null,
    metadata: {},
    status: 'idle',
    turn_id: null,
    last_error: null,
    pending_approvals: [],
    pending_elicitations: [],
    queued_turns: [],
    patch: null,
    modes: null,
    commands: [],
    config_options: [],
    usage: null,
    latest_event_id: 1,
    created_at: NOW,
    updated_at: NOW,
    closed_at: null,
  };
}
