import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from './attack.js';
import { HANDSHAKE, open, readToEnd, write } from './http.js';
import { type Parley, startParley } from './parley-process.js';

/** Far more than one attacker needs to fill a server that waits for each. */
const MANY = 200;
const DRIP_MS = 50;

let parley: Parley;

beforeAll(async () => {
  parley = await startParley({ config: { limits: { headers_timeout_ms: 1_000, request_timeout_ms: 2_000 } } });
});
afterAll(() => parley.end());

/** Opens many connections that say the beginning, then a piece again and again, until each is closed; what came back. */
function drip(beginning: string, piece: string): Promise<string[]> {
  const connections = Array.from({ length: MANY }, () => {
    const socket = open(parley.port);
    socket.write(beginning);
    const dripping = setInterval(() => socket.write(piece), DRIP_MS);
    return readToEnd(socket).finally(() => clearInterval(dripping));
  });
  return Promise.all(connections);
}

/** Expects the end of connections that dripped, with the contract's error where there is an answer; others are served meanwhile. */
async function expectEnds(dripping: Promise<string[]>): Promise<void> {
  expect((await parley.send('GET', '/api/health')).status).toBe(200);
  for (const answer of await dripping) {
    // A peer that writes when it is told to go may lose the answer to a reset of its connection.
    if (answer !== '') expect.soft(answer).toMatch(/^HTTP\/1\.1 400 .*"code":"InvalidRequest"/s);
  }
  expect((await parley.send('GET', '/api/agents')).status).toBe(200);
}

attack(
  'sends headers a few bytes at a time, on hundreds of connections',
  'a handful of bytes a second would hold every connection that the server takes',
  () => expectEnds(drip('GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n', 'X-Slow: 1\r\n')),
);

attack(
  'sends a body a byte at a time, on hundreds of connections, where no credential is needed',
  'a body that never comes whole would be waited for for ever',
  () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '4000' };
    return expectEnds(drip(write(parley.port, 'POST', '/api/login', { headers }), ' '));
  },
);

attack(
  'shakes hands for a socket a few bytes at a time, on hundreds of connections',
  'an upgrade would be a way around the time that requests have',
  () => {
    const handshake = write(parley.port, 'GET', '/api/sessions/x/events', { headers: HANDSHAKE });
    return expectEnds(drip(handshake.replace(/\r\n\r\n$/, '\r\n'), 'X-Slow: 1\r\n'));
  },
);

attack(
  'opens hundreds of connections and says nothing at all',
  'silence is the cheapest way to use up what a server can have open',
  () => expectEnds(drip('', '')),
);
