import { type IncomingMessage, request as send } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Change, type Headers, type PassedAnswer, type PassedRequest, pairsOf, withHeader } from './change.js';
import { editFrames } from './edit-frames.js';
import { readHead, readText } from './pass-request.js';

/** Passes a handshake on, then the messages of both sides. */
export function passSocket(port: number, change: Change, received: PassedRequest, near: Socket, head: Buffer): void {
  const own = change.instead?.(received);
  if (own !== undefined) return void near.end(writeHead(own, true));
  const request = change.request?.(received) ?? received;
  const { method, target: path } = request;
  // Without extensions (compression), so that messages can be read here.
  const headers = withHeader(request.headers, 'Sec-WebSocket-Extensions', undefined);
  const sent = send({ host: '127.0.0.1', port, method, path, headers: headers.flat(), setHost: false, agent: false });
  sent.on('error', () => near.destroy());
  near.on('close', () => sent.destroy());
  sent.on('response', (incoming) => {
    answer(incoming)
      .then((refusal) => near.end(writeHead(refusal, true)))
      .catch(() => near.destroy());
  });
  sent.on('upgrade', (incoming, far, farHead) => {
    accept(incoming, far, farHead).catch(() => near.destroy());
  });
  sent.end();

  async function answer(incoming: IncomingMessage): Promise<PassedAnswer> {
    const passed = { ...readHead(incoming), text: await readText(incoming) };
    return (await change.answer?.(passed, received)) ?? passed;
  }

  async function accept(incoming: IncomingMessage, far: Socket, farHead: Buffer): Promise<void> {
    const passed = { status: 101, headers: pairsOf(incoming.rawHeaders), text: '' };
    near.write(writeHead((await change.answer?.(passed, received)) ?? passed, false));
    const { fromServer, fromClient, closeCode, dropsPongs, cutAfter } = change.socket?.(received) ?? {};
    far.on('error', () => near.destroy()).on('close', () => near.destroySoon());
    near.on('error', () => far.destroy()).on('close', () => far.destroySoon());
    if (cutAfter !== undefined) {
      const timer = setTimeout(() => near.destroy(), cutAfter);
      near.on('close', () => clearTimeout(timer));
    }
    const isPlain = fromServer === undefined && closeCode === undefined && dropsPongs === undefined;
    const edits = { edit: fromServer, closeCode, dropsPongs, masked: false };
    connect(far, farHead, near, isPlain ? undefined : editFrames(edits));
    connect(near, head, far, fromClient === undefined ? undefined : editFrames({ edit: fromClient, masked: true }));
  }
}

function connect(from: Socket, first: Buffer, to: Socket, editor: Duplex | undefined): void {
  if (first.length > 0) from.unshift(first);
  if (editor === undefined) return void from.pipe(to);
  editor.on('error', () => to.destroy());
  from.pipe(editor).pipe(to);
}

function writeHead({ status, headers, text }: PassedAnswer, isWhole: boolean): Buffer {
  const body = Buffer.from(text);
  const own: Headers = isWhole
    ? [
        ['Content-Length', `${body.length}`],
        ['Connection', 'close'],
      ]
    : [];
  const lines = [...headers, ...own].map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Passed\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
