import { connect, type Socket } from 'node:net';

/** The parts of a request. */
export interface ToSend {
  /** A list sends a header several times. `Host` is added unless it is given or null. */
  readonly headers: Readonly<Record<string, string | readonly string[] | null>>;
  /** A text is sent unchanged, anything else as JSON with its Content-Type. */
  readonly body?: unknown;
}

/** An answer. */
export interface Received {
  readonly status: number;
  /** The head of the answer, unchanged. */
  readonly head: string;
  readonly text: string;
}

/** Opens a raw connection. */
export function open(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  // A server may close while this side still writes; only its answer before that counts.
  socket.on('error', () => socket.destroy());
  return socket;
}

/** Sends bytes and returns everything that comes back until the server closes. */
export async function say(port: number, text: string | Buffer): Promise<string> {
  const socket = open(port);
  socket.write(text);
  return readToEnd(socket);
}

/** Reads everything from a connection until it is closed, also by an error. */
export function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve(Buffer.from(text, 'latin1').toString()));
  });
}

/**
 * Sends texts on one connection, each when the answer to the one before has begun. Returns everything that came back.
 */
export async function converse(port: number, texts: readonly string[]): Promise<string> {
  const socket = open(port);
  const answer = readToEnd(socket);
  let said = 0;
  socket.write(texts[said] ?? '');
  socket.on('data', (piece) => {
    if (!String(piece).includes('HTTP/1.1 ')) return;
    said += 1;
    if (said < texts.length) socket.write(texts[said] ?? '');
  });
  return answer;
}

/** Sends one request on a raw socket and reads the answer. */
export async function send(port: number, method: string, path: string, request: Partial<ToSend> = {}) {
  return parse(await say(port, write(port, method, path, request)));
}

/** Sends a WebSocket handshake. If it is accepted, the connection is closed at once. */
export async function shakeHands(port: number, path: string, headers: ToSend['headers'] = {}): Promise<Received> {
  const socket = open(port);
  socket.write(write(port, 'GET', path, { headers: { ...HANDSHAKE, ...headers } }));
  const answer = readToEnd(socket);
  socket.on('data', (piece) => {
    if (String(piece).startsWith('HTTP/1.1 101')) socket.end();
  });
  return parse(await answer);
}

/** The headers of a handshake. */
export const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** A request as text. */
export function write(port: number, method: string, path: string, { headers = {}, body }: Partial<ToSend>): string {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const all: ToSend['headers'] = {
    Host: `localhost:${port}`,
    Connection: 'close',
    ...(typeof body === 'object' && { 'Content-Type': 'application/json' }),
    ...(text !== undefined && { 'Content-Length': String(Buffer.byteLength(text)) }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => `${name}: ${one}`),
  );
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${text ?? ''}`;
}

/** The statuses of all answers in a text. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

function parse(text: string): Received {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const chunked = /^transfer-encoding: chunked/im.test(head);
  return {
    status: statusesIn(head)[0] ?? 0,
    head,
    text: chunked ? body.replaceAll(/^[0-9a-f]+\r\n|\r\n/gm, '') : body,
  };
}
