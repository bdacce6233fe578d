import { once } from 'node:events';
import { afterAll, beforeAll, expect } from 'vitest';
import { WebSocket } from 'ws';
import { attack } from './attack.js';
import { HANDSHAKE, open, readToEnd, shakeHands, write } from './http.js';
import { growthOf } from './memory.js';
import { type Parley, startParley } from './parley-process.js';

let parley: Parley;
let session: string;
let bearer: { Authorization: string };

beforeAll(async () => {
  parley = await startParley();
  session = await parley.createSession();
  bearer = { Authorization: `Bearer ${parley.token}` };
});
afterAll(() => parley.end());

/** A socket that has been let in, and speaks bytes. */
async function rawSocket() {
  const socket = open(parley.port);
  socket.write(write(parley.port, 'GET', `${session}/events`, { headers: { ...HANDSHAKE, ...bearer } }));
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 101/);
  return socket;
}

/** A client's frame, masked with zeros. */
function frame(firstByte: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? [0x80 | length]
      : length < 65_536
        ? [0xfe, length >> 8, length & 255]
        : [0xff, 0, 0, 0, 0, ...bytesOf(length)];
  return Buffer.concat([Buffer.from([firstByte, ...size, 0, 0, 0, 0]), payload]);
}

function bytesOf(length: number): number[] {
  return [length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
}

attack(
  'offers its token as a subprotocol, among others and in other places, to have it echoed',
  'tokens would be in answers, where proxies and developer tools log them',
  async () => {
    const { port, token } = parley;
    const protocol = 'Sec-WebSocket-Protocol';
    const offers = [`parley.bearer.${token}`, `parley.bearer.${token}, parley.v1`, `parley.v1, parley.bearer.${token}`];
    for (const offer of offers) {
      const { status, head } = await shakeHands(port, `${session}/events`, { [protocol]: offer });
      expect.soft(status, offer).toBe(101);
      expect.soft(head).not.toContain(token);
    }
    expect(parley.log()).not.toContain(token);
  },
);

attack(
  'smuggles a subprotocol: unknown ones, a good token behind a wrong one, a wrong header beside a good token',
  'the server would speak what it does not know, or take the weakest of several credentials',
  async () => {
    const { port, token } = parley;
    const protocol = 'Sec-WebSocket-Protocol';
    const statusOf = async (headers: Record<string, string>) =>
      (await shakeHands(port, `${session}/events`, headers)).status;
    expect(await statusOf({ [protocol]: `parley.bearer.wrong, parley.bearer.${token}` })).toBe(401);
    expect(await statusOf({ [protocol]: `parley.bearer.${token}`, Authorization: 'Bearer wrong' })).toBe(401);
    expect(await statusOf({ [protocol]: `bearer.${token}` })).toBe(401);
    expect(await statusOf({ [protocol]: `parley.bearer. ${token}` })).toBe(401);
    const { status, head } = await shakeHands(port, `${session}/events`, { [protocol]: 'mqtt, graphql-ws', ...bearer });
    expect(status).toBe(101);
    expect(head).not.toMatch(/^sec-websocket-protocol/im);
  },
);

attack(
  'opens a socket at other paths: another operation, an encoded separator, a path below',
  'a handshake would pass where only requests are checked',
  async () => {
    for (const path of [
      session,
      `${session}/patch`,
      `${session}/events/`,
      `${session}/events/x`,
      `${session}%2fevents`,
      '/',
      '/events',
    ]) {
      expect.soft((await shakeHands(parley.port, path, bearer)).status, path).toBe(404);
      expect.soft((await shakeHands(parley.port, path)).status, path).toBe(401);
    }
    const none = session.replace(/[^/]+$/, '550e8400-e29b-41d4-a716-446655440000');
    expect(await shakeHands(parley.port, `${none}/events`, bearer)).toMatchObject({ status: 404 });
  },
);

attack(
  'offers compression, and sends a compressed frame all the same',
  'a kilobyte would unpack to a gigabyte in the memory of the server',
  async () => {
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame' };
    const { status, head } = await shakeHands(parley.port, `${session}/events`, { ...bearer, ...offer });
    expect(status).toBe(101);
    expect(head).not.toMatch(/^sec-websocket-extensions/im);
    const socket = await rawSocket();
    const closed = readToEnd(socket);
    socket.write(frame(0xc1, Buffer.from('aaaa')));
    await closed;
    expect(await parley.send('GET', '/api/health')).toMatchObject({ status: 200 });
  },
);

attack(
  'says that a frame has eight exabytes, or sends more than is allowed in fragments',
  'the server would make room for what it is promised',
  async () => {
    const promised = await rawSocket();
    const first = readToEnd(promised);
    promised.write(Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]));
    await first;
    const growth = await growthOf(parley.pid, async () => {
      const socket = await rawSocket();
      const closed = readToEnd(socket);
      const piece = Buffer.alloc(65_536, 'a');
      socket.write(frame(0x01, piece));
      for (let count = 0; count < 64 && !socket.destroyed; count += 1) socket.write(frame(0x00, piece));
      await closed;
    });
    expect(growth).toBeLessThan(64);
  },
);

attack(
  'sends a message in a million fragments of one byte',
  'each byte would cost the server a hundred, many times at once',
  async () => {
    const growth = await growthOf(parley.pid, async () => {
      const sockets = await Promise.all(new Array(4).fill(0).map(rawSocket));
      const fragments = Buffer.concat(new Array(250_000).fill(frame(0x00, Buffer.from('a'))));
      await Promise.all(
        sockets.map(async (socket) => {
          const closed = readToEnd(socket);
          socket.write(frame(0x01, Buffer.from('a')));
          socket.write(fragments);
          await closed;
        }),
      );
    });
    expect(growth).toBeLessThan(128);
  },
);

attack(
  'pings without end and reads no answer',
  'the answers would pile up until the server has no memory left',
  async () => {
    const growth = await growthOf(parley.pid, async () => {
      const socket = await rawSocket();
      socket.pause();
      const gone = new Promise((resolve) => socket.once('close', resolve));
      const pings = Buffer.concat(new Array(2_000).fill(frame(0x89, Buffer.alloc(125, 'p'))));
      let open = true;
      socket.on('close', () => {
        open = false;
      });
      for (let count = 0; count < 400 && open; count += 1) {
        if (!socket.write(pings)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), gone]);
      }
      socket.destroy();
    });
    expect(growth).toBeLessThan(64);
  },
);

attack('sends frames that are none, without end', 'the server would answer each for ever, or fall over', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${parley.port}${session}/events`, { headers: bearer });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  for (let count = 0; count < 50; count += 1) socket.send('{');
  expect(await closed).toMatchObject([4400, expect.anything()]);
});
