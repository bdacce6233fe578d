import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { parseAnswer } from '../../shared/wire/parse-answers.js';
import { parseFrames } from '../../shared/wire/parse-frames.js';
import { CLOSE, TEXT, writeFrame } from '../../shared/wire/write-frame.js';
import { openConnection, readAnswer } from './connection.js';
import { writeRequest } from './request.js';

it('requests that are written right are read right by Node, and its answers by us', async () => {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => response.end(`${request.method} ${request.url} ${body}`));
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const connection = await openConnection(address.port);
  for (const framing of ['length', 'chunks'] as const) {
    const body = Buffer.from(`in ${framing}`);
    await connection.write(
      writeRequest({ method: 'POST', target: '/x', headers: [['Host', 'x']], body, framing }),
      [1, 7],
    );
    expect((await readAnswer(connection, 'POST'))?.body.toString()).toBe(`POST /x in ${framing}`);
  }
  connection.destroy();
});

it('frames that are written right are read right by ws, and its frames by us', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  onTestFinished(() => void server.close());
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })));
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const { port } = address;
  const headers = [
    ['Host', 'x'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ] as const;
  const connection = await openConnection(port);
  await connection.write(writeRequest({ method: 'GET', target: '/', headers }));
  expect((await readAnswer(connection, 'GET'))?.status).toBe(101);
  const texts = ['', 'short', 'ü'.repeat(200), 'x'.repeat(70_000)];
  for (const text of texts) await connection.write(writeFrame({ opcode: TEXT, payload: Buffer.from(text) }));
  await connection.write(writeFrame({ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8]) }));
  while (!connection.ended) await connection.more();
  const { frames, rest } = parseFrames(connection.read());
  expect(rest).toHaveLength(0);
  expect(frames.map(({ opcode }) => opcode)).toEqual([1, 1, 1, 1, 8]);
  expect(frames.slice(0, 4).map(({ payload }) => payload.toString())).toEqual(texts);
});

it('what is no HTTP answer is not taken for one', () => {
  for (const text of [
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.0 200 OK\r\n\r\n',
    '{"code":1}\r\n\r\n',
    'HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n',
  ]) {
    expect(() => parseAnswer(Buffer.from(text), 'GET', true)).toThrow();
  }
  expect(parseAnswer(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf'), 'GET', true)).toBeUndefined();
});
