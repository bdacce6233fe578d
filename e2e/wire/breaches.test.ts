import { describe, expect, it } from 'vitest';
import { parseFrames } from '../shared/wire/parse-frames.js';
import { TEXT, writeFrame } from '../shared/wire/write-frame.js';
import { countSeen } from './described.js';
import { findBreaches } from './find-breaches.js';
import type { Connection, Exchange, Recording } from './read-recording.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const HEADERS = { 'x-request-id': ID, 'content-type': 'application/json; charset=utf-8' };
const SESSIONS = { sessions: [], next_cursor: null };
const EVENTS = `/api/sessions/${ID}/events`;
const HEARTBEAT = { type: 'heartbeat', id: '1', timestamp: 1, payload: {} };
const BEAT = { type: 'heartbeat', timestamp: 1, payload: { latest_event_id: 1 } };
const REFUSED = { type: 'error', timestamp: 1, payload: { code: 'InvalidRequest', message: 'No.', timestamp: 1 } };

function exchange(changes: { target?: string; status?: number; body?: unknown; answer?: undefined }): Recording {
  const { target = '/api/sessions?limit=5', status = 200, body = SESSIONS } = changes;
  const answer = { status, headers: new Map(Object.entries(HEADERS)), body: Buffer.from(JSON.stringify(body)) };
  const request = { method: 'GET', target, headers: {}, body: Buffer.alloc(0), complete: true };
  const one: Exchange = { suite: 'cli', request, answer: 'answer' in changes ? undefined : answer };
  return { exchanges: [one], connections: [], refusals: [] };
}

function connection(server: readonly unknown[], client: readonly unknown[]): Recording {
  const frames = (values: readonly unknown[], masked: boolean) =>
    values.flatMap((value) => {
      const payload = Buffer.from(JSON.stringify(value));
      return parseFrames(writeFrame({ opcode: TEXT, payload, masked })).frames;
    });
  const one: Connection = { suite: 'cli', target: EVENTS, server: frames(server, false), client: frames(client, true) };
  return { exchanges: [], connections: [one], refusals: [] };
}

describe('nothing is wrong with', () => {
  it.each([
    ['an answer that the documents describe', exchange({})],
    ['a request that nobody waited for', exchange({ answer: undefined })],
    ['frames that the documents describe', connection([BEAT], [HEARTBEAT])],
    ['a frame that was refused', connection([REFUSED], [{ type: 'shout' }])],
    [
      'a request that was refused',
      exchange({ target: '/api/sessions?what=1', status: 400, body: { ...REFUSED.payload, request_id: ID } }),
    ],
  ])('%s', (_, recording) => {
    expect(findBreaches(recording)).toEqual([]);
  });
});

describe('a breach is', () => {
  it.each([
    ['a status that is not described', exchange({ status: 202 }), /status 202: expected 200, /],
    ['a body that is not described', exchange({ body: { ...SESSIONS, total: 0 } }), /additional properties/],
    [
      'a parameter that is accepted',
      exchange({ target: '/api/sessions?page=2' }),
      /was accepted: no query parameter page/,
    ],
    [
      'a value that is accepted',
      exchange({ target: '/api/sessions?limit=0' }),
      /was accepted: query parameter limit: .* >= 1/,
    ],
    ['a success where no operation is', exchange({ target: '/api/secrets' }), /status 200: expected an error/],
    [
      'a frame of the server that is not described',
      connection([{ ...BEAT, extra: 1 }], []),
      /sent: .* additional properties/,
    ],
    [
      'a frame of the client that is not refused',
      connection([BEAT], [{ ...HEARTBEAT, id: 1 }]),
      /refused 0 of 1 frames .* must be string/,
    ],
  ])('%s', (_, recording, said) => {
    expect(findBreaches(recording).join('\n')).toMatch(said);
  });
});

describe('what was seen', () => {
  it('is counted by operation and status, frame, variant and code', () => {
    const submission = { type: 'submission', id: '2', timestamp: 1, payload: { type: 'interrupt' } };
    expect(Object.fromEntries(countSeen(exchange({})))).toEqual({ 'listSessions 200': 1 });
    expect(Object.fromEntries(countSeen(connection([BEAT, REFUSED], [HEARTBEAT, submission])))).toEqual({
      'client heartbeat': 1,
      'client submission': 1,
      'submission interrupt': 1,
      'server heartbeat': 1,
      'server error': 1,
      'error InvalidRequest': 1,
    });
  });
});
