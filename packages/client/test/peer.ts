import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import type { ConnectionAck } from '@parleyhq/contract';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer, type PeerLog, type PeerRequest } from './peer-answers.js';
import { acknowledge, created, describe, NOW } from './peer-session.js';

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
export interface Peer extends PeerLog, AsyncDisposable {
  readonly url: string;
  readonly requests: PeerRequest[];
  readonly sockets: PeerSocket[];
  /** Answers a request instead of the peer: return false to leave it to the peer. */
  answer: ((request: PeerRequest) => boolean | Promise<boolean>) | undefined;
  /** Answers a handshake instead of the peer: return false to leave it to the peer. */
  upgrade: ((request: IncomingMessage, socket: NetSocket) => boolean) | undefined;
  /** What happens on each socket. */
  connected: (socket: PeerSocket) => void;
  /** Resolves once the peer has had so many sockets. */
  socketCount(count: number): Promise<PeerSocket>;
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
        connection.send({
          type: 'connection_ack',
          timestamp: NOW,
          payload: { ...acknowledge(peer.frames.length), ...changes },
        }),
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
