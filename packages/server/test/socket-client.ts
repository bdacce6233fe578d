import { EventEmitter, once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ErrorData } from '@parleyhq/contract';
import { WebSocket } from 'ws';

/** A plain client that keeps everything it gets. */
export class SocketClient {
  readonly texts: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly webSocket: WebSocket;
  readonly #happened = new EventEmitter();

  constructor(port: number, query = '', protocols: string[] = ['parley.v1']) {
    this.webSocket = new WebSocket(`ws://127.0.0.1:${port}/events${query}`, protocols);
    this.webSocket.on('message', (data) => {
      this.texts.push(String(data));
      this.#happened.emit('text');
    });
    this.closed = new Promise((resolve) => {
      this.webSocket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.webSocket.on('error', () => undefined);
  }

  /** Waits for the frame with this number, counted from 1, and returns it. */
  async got(count: number) {
    while (this.texts.length < count) await once(this.#happened, 'text');
    return JSON.parse(this.texts[count - 1] ?? '');
  }

  /** The `event` frames, as they came. */
  get events(): string[] {
    return this.texts.filter((frame) => frame.startsWith('{"type":"event"'));
  }

  async gotEvents(count: number): Promise<string[]> {
    while (this.events.length < count) await once(this.#happened, 'text');
    return this.events;
  }

  send(type: string, id: string, payload: unknown): void {
    this.webSocket.send(JSON.stringify({ type, id, timestamp: Date.now(), payload }));
  }
}

/** The HTTP answer to a handshake that is refused. */
export async function refusedHandshake(port: number, changes: Record<string, string> = {}) {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...changes,
  };
  const asked = httpRequest({ host: '127.0.0.1', port, headers }).end();
  const [response]: IncomingMessage[] = await once(asked, 'response');
  const body: ErrorData = JSON.parse(await text(response!));
  return { status: response!.statusCode, headers: response!.headers, body };
}

/** A socket that completes the handshake and then does nothing: no pong, no reading. */
export async function silentSocket(port: number, query = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const lines = [`GET /events${query} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'];
  socket.write(
    [...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'),
  );
  await once(socket, 'readable');
  return socket;
}

/** Waits until a socket is closed, by an error or not. */
export function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
