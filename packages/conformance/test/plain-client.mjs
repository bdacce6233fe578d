import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';

/**
 * A client without the SDK that does what CLIENT.md asks for. With the name of a fault as its argument, it has that
 * fault.
 */

const { PARLEY_URL = '', PARLEY_TOKEN = '', PARLEY_TOKEN_FILE, PARLEY_SESSION = '', PARLEY_AFTER = '0' } = process.env;
const fault = process.argv[2];
const known = new Set(['session_created', 'session_closed', 'notice', 'item_delta']);
let cursor = Number(PARLEY_AFTER);
let failures = 0;

for (;;) {
  const token = PARLEY_TOKEN_FILE === undefined ? PARLEY_TOKEN : readFileSync(PARLEY_TOKEN_FILE, 'utf8');
  if (fault !== 'silent') print({ state: 'connecting' });
  const before = cursor;
  const outcome = await connect(token);
  if (outcome.end) {
    print(outcome);
    break;
  }
  failures = cursor > before ? 0 : failures + 1;
  if (fault !== 'silent') print({ state: 'waiting' });
  if (fault === 'hammers') continue;
  await wait(
    Math.max(Math.min(2000, 50 * 2 ** failures), fault === 'impatient' ? 0 : (outcome.retryAfter ?? 0) * 1000),
  );
}

/** @returns {Promise<{end?: string, code?: string, retryAfter?: number}>} */
function connect(token) {
  const since = { restarts: 0, loses: cursor === 0 ? 0 : cursor + 1 }[fault] ?? cursor;
  const address = `${PARLEY_URL.replace('http', 'ws')}/api/sessions/${PARLEY_SESSION}/events?since_event_id=${since}`;
  const socket = new WebSocket(fault === 'tells' ? `${address}&token=${token}` : address, 'parley.v1', {
    headers: { Authorization: `Bearer ${token}` },
    autoPong: fault !== 'mute',
    ...(fault === 'narrow' && { maxPayload: 65_536 }),
  });
  let latest = Number.POSITIVE_INFINITY;
  let interval = 15_000;
  let timer;
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(refusedWith(response, body)));
    });
    socket.on('message', (data, isBinary) => {
      watch();
      if (!isBinary) receive(parse(String(data)));
      else if (fault === 'fragile') process.exit(3);
    });
    socket.on('error', () => resolve({}));
    socket.on('close', (code) => {
      clearTimeout(timer);
      resolve(endedWith(code, cursor >= latest || fault === 'trusts'));
    });
  });

  function watch() {
    clearTimeout(timer);
    if (fault !== 'waits') timer = setTimeout(() => socket.terminate(), (fault === 'nervous' ? 1 : 2) * interval);
  }

  function receive(frame) {
    const { type, id, payload } = Object(frame);
    if (frame === undefined && fault === 'fragile') process.exit(3);
    if (type === 'connection_ack') {
      latest = payload.latest_event_id;
      interval = payload.heartbeat_interval_ms;
      print({ state: 'open' });
    }
    if (type !== 'event' || socket.readyState !== WebSocket.OPEN) return;
    if (!Number.isSafeInteger(id) || id > ({ snapshot: latest, bounded: 1000 }[fault] ?? Number.POSITIVE_INFINITY))
      return;
    if (id <= cursor && fault !== 'repeats') return;
    if (id > cursor + 1 && fault !== 'loses' && fault !== 'skips') return socket.terminate();
    if (!fits(payload)) {
      if (fault === 'dies') process.exit(1);
      if (fault === 'drops') return;
      cursor = id;
      return fault === 'swallows' ? undefined : print({ unknown: id });
    }
    cursor = id;
    print({
      event: id,
      payload: fault === 'garbles' ? JSON.parse(JSON.stringify(payload).replace('排', '?')) : payload,
    });
  }
}

function fits(payload) {
  if (!known.has(payload.type)) return false;
  if (payload.type === 'notice') {
    if (fault === 'strict' && Object.keys(payload).length > 4) return false;
    return typeof payload.message === 'string';
  }
  return payload.type !== 'item_delta' || typeof payload.delta === 'object';
}

function endedWith(code, complete) {
  if (code === 1000 && complete) return { end: 'session_closed' };
  const end = { 4400: 'refused', 4401: 'credentials_ended', 4404: 'purged', 4410: 'cursor_invalid' }[code];
  if (code === 4401 && PARLEY_TOKEN_FILE !== undefined && fault !== 'gives-up') return {};
  if (fault === 'stubborn') return {};
  if (fault === 'gives-up' && ![1005, 1006].includes(code)) return { end: 'refused' };
  return end === undefined ? {} : { end };
}

function refusedWith({ statusCode, headers }, body) {
  const { code } = Object(parse(body));
  const end = { 401: 'credentials_ended', 403: 'refused', 404: 'purged', 409: 'cursor_invalid', 410: 'cursor_invalid' };
  if (fault === 'stubborn') return {};
  if (fault === 'ignores-expired' && statusCode === 410) {
    cursor = 0;
    return {};
  }
  if (fault === 'gives-up' && statusCode >= 500) return { end: 'refused' };
  const retryAfter = Number(headers['retry-after'] ?? 0);
  return end[statusCode] === undefined ? { retryAfter } : { end: end[statusCode], code };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
