import { describe, expect, it } from 'vitest';
import { judgeAnswer, judgeError } from '../shared/judge/judge-answer.js';
import { judgeFrame } from '../shared/judge/judge-frame.js';
import { parseAnswer } from '../shared/wire/parse-answers.js';
import { parseFrames } from '../shared/wire/parse-frames.js';
import { TEXT, writeFrame } from '../shared/wire/write-frame.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const ERROR = { code: 'Unauthorized', message: 'No credential.', timestamp: 1, request_id: ID };
const HEALTH = { status: 'healthy', timestamp: 1, session_count: 0, uptime: 1 };

/** Judges an answer to `GET /api/health`, with what a good one has unless it is told otherwise. */
function judged(status: number, body: unknown, changes: Record<string, string> = {}): string | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'X-Request-Id': ID,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(text)),
    'WWW-Authenticate': 'Bearer',
    ...changes,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const bytes = Buffer.from(`HTTP/1.1 ${status} X\r\n${lines.join('\r\n')}\r\n\r\n${text}`);
  const parsed = parseAnswer(bytes, 'GET', true);
  return parsed && judgeAnswer('GET', '/api/health?x=1', parsed.answer);
}

function judgedFrame(frame: unknown, changes = {}): string | undefined {
  const payload = Buffer.from(JSON.stringify(frame));
  const [parsed] = parseFrames(writeFrame({ opcode: TEXT, payload, masked: false, ...changes })).frames;
  return parsed && judgeFrame(parsed);
}

describe('the judge of answers', () => {
  it('lets pass what the documents say', () => {
    expect(judged(200, HEALTH)).toBeUndefined();
    expect(judged(401, ERROR)).toBeUndefined();
  });

  it.each([
    ['a failure of the server', 500, { ...ERROR, code: 'InternalError' }, {}, /^status 500/],
    ['a status that is not documented', 202, HEALTH, {}, /got 202/],
    ['a body with an unknown property', 200, { ...HEALTH, secret: 1 }, {}, /additional properties/],
    ['a body without a needed one', 200, { status: 'healthy' }, {}, /required property/],
    ['a page', 404, '<html></html>', { 'Content-Type': 'text/html' }, /Content-Type .*got text\/html/],
    ['what is no JSON', 200, '{', {}, /a body that is application\/json/],
    ['an unknown code', 400, { ...ERROR, code: 'Oops' }, {}, /allowed values/],
    ['a code of another status', 404, ERROR, {}, /expected status 401/],
    ['no request id', 401, ERROR, { 'X-Request-Id': '' }, /an X-Request-Id that is a UUID/],
    [
      'another request id',
      401,
      { ...ERROR, request_id: ID.replace('5', '6') },
      {},
      /a request_id that is the X-Request-Id/,
    ],
    ['a 429 that does not say when', 429, { ...ERROR, code: 'TooManyRequests' }, {}, /a header Retry-After, got none/],
    [
      'a header that does not fit',
      429,
      { ...ERROR, code: 'TooManyRequests' },
      { 'Retry-After': 'soon' },
      /must be integer/,
    ],
  ])('does not let pass %s', (_, status, body, headers, problem) => {
    expect(judged(status, body, headers)).toMatch(problem);
  });

  it('takes nothing but an error where there is no operation', () => {
    const answer = (status: number) => ({ status, headers: new Map(), body: Buffer.alloc(0) });
    expect(judgeError(answer(200))).toMatch(/only a refusal/);
    expect(judgeError(answer(503))).toMatch(/only a refusal/);
  });
});

describe('the judge of frames', () => {
  const beat = { type: 'heartbeat', timestamp: 1, payload: { latest_event_id: 1 } };

  it('lets pass what the documents say', () => {
    expect(judgedFrame(beat)).toBeUndefined();
  });

  it.each([
    ['an unknown type', { ...beat, type: 'shout' }, {}, /unknown type/],
    ['an unknown property', { ...beat, extra: 1 }, {}, /additional properties/],
    ['an event that does not fit', { type: 'event', id: 0, timestamp: 1, payload: {} }, {}, /must/],
    [
      'a failure of the server',
      { type: 'error', timestamp: 1, payload: { code: 'InternalError', message: '', timestamp: 1 } },
      {},
      /an error of the server/,
    ],
    ['a masked frame', beat, { masked: true }, /masked true/],
    ['a compressed frame', beat, { rsv: 4 }, /rsv 4/],
    ['a fragment', beat, { fin: false }, /fin false/],
    ['a close with 1011', beat, { opcode: 8, payload: Buffer.from([0x03, 0xf3]) }, /1011/],
  ])('does not let pass %s', (_, frame, changes, problem) => {
    expect(judgedFrame(frame, changes)).toMatch(problem);
  });
});
