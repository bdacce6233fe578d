import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itInAll, shareOf } from '../../../../scripts/test-forms.js';
import { type RunningServer, startServer } from '../../test/start-server.js';
import { type SocketChanges, startSocketProxy } from '../../test/start-socket-proxy.js';
import { nameOf, type VerifyOptions, verify } from '../index.js';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Runs rules through a proxy, and says which of them failed. */
async function verifyThrough(changes: SocketChanges, options: Partial<VerifyOptions>) {
  const { token, cwd } = server;
  const proxy = await startSocketProxy(server.url, changes);
  try {
    const report = await verify({ url: proxy.url, token, cwd, suites: ['events'], seed: 1, ...options });
    const failed = report.outcomes.filter(({ status }) => status === 'failed');
    return { ...report, failed: failed.map(({ rule }) => nameOf(rule)) };
  } finally {
    await proxy.close();
  }
}

interface WireFrame {
  type: string;
  id?: unknown;
  payload: Record<string, unknown>;
}

/** Changes each frame of a type. */
function change(type: string, to: (frame: WireFrame) => unknown): SocketChanges {
  return {
    down(text) {
      const frame: WireFrame = JSON.parse(text);
      if (frame.type !== type) return [text];
      to(frame);
      return [JSON.stringify(frame)];
    },
  };
}

const isEvent = (text: string, id: number) => text.startsWith('{"type":"event"') && JSON.parse(text).id === id;
const closesWith = (from: number, to: number): SocketChanges => ({ close: (code) => (code === from ? to : code) });

/** Mistakes of a server, and the rule that each breaks. */
const MISTAKES: readonly (readonly [mistake: string, rule: string, changes: SocketChanges])[] = [
  ['loses an event', 'replay', { down: (text) => (isEvent(text, 2) ? [] : [text]) }],
  ['repeats an event', 'replay', { down: (text) => (isEvent(text, 2) ? [text, text] : [text]) }],
  [
    'writes other bytes than history',
    'replay',
    { down: (text) => [text.replace('"type":"event",', '"type": "event",')] },
  ],
  ['numbers from 0', 'replay', change('event', (frame) => (frame.id = Number(frame.id) - 1))],
  [
    'replays what nobody asked for',
    'live-only',
    { target: (url) => (url.includes('?') ? url : `${url}?since_event_id=0`) },
  ],
  ['does not ack first', 'ack', { down: (text) => ['{"type":"heartbeat","timestamp":1,"payload":{}}', text] }],
  ['is one ahead in its ack', 'ack', change('connection_ack', ({ payload }) => (payload.latest_event_id = 99))],
  [
    'has another session in its ack',
    'ack',
    change('connection_ack', ({ payload }) => (payload.session_id = payload.connection_id)),
  ],
  [
    'calls all connections alike',
    'ack',
    change('connection_ack', ({ payload }) => (payload.connection_id = payload.session_id)),
  ],
  ['leaves out a limit', 'frame (connection_ack)', change('connection_ack', ({ payload }) => delete payload.limits)],
  [
    'gives a field another type',
    'frame (heartbeat)',
    change('heartbeat', ({ payload }) => (payload.latest_event_id = '1')),
  ],
  ['sends no JSON', 'frame (none of the contract)', { down: (text) => [text, 'hello'] }],
  ['selects no subprotocol', 'subprotocol', { protocol: () => false }],
  [
    'needs the header',
    'bearer-subprotocol',
    { headers: ({ authorization = '', ...rest }) => ({ ...rest, authorization: authorization || 'Bearer none' }) },
  ],
  [
    'takes a token from the address',
    'token-in-url',
    {
      headers: (headers) => ({ authorization: `Bearer ${server.token}`, ...headers }),
      target: (url) => url.replace(/\?.*token.*/, ''),
    },
  ],
  [
    'lets everybody in',
    'refused (no credential)',
    { headers: (headers) => ({ authorization: `Bearer ${server.token}`, ...headers }) },
  ],
  [
    'overlooks a bad cursor',
    'refused (since_event_id=x)',
    { target: (url) => url.replace('since_event_id=x', 'since_event_id=0') },
  ],
  ['answers no ping', 'ping', { pongs: false }],
  ['cuts who is silent', 'silent-client', { life: 1_500 }],
  ['answers no heartbeat', 'heartbeat', { up: (text) => (text.includes('"heartbeat"') ? [] : [text]) }],
  ['forgets whom it answers', 'heartbeat', change('heartbeat', ({ payload }) => delete payload.in_reply_to)],
  [
    'answers a heartbeat with an old id',
    'heartbeat',
    change('heartbeat', ({ payload }) => (payload.latest_event_id = 0)),
  ],
  ['passes over bad frames', 'bad-frame (no JSON)', { up: (text) => (text === '{"type":' ? [] : [text]) }],
  [
    'forgets whose frame was bad',
    'bad-frame (an unknown type)',
    change('error', ({ payload }) => delete payload.in_reply_to),
  ],
  ['gives another code', 'bad-frame (null)', change('error', ({ payload }) => (payload.code = 'NotFound'))],
  ['names no place', 'bad-frame (no payload)', change('error', ({ payload }) => delete payload.details)],
  ['does not survive a bad frame', 'bad-frame (a list)', { up: (text) => Array(text === '[]' ? 16 : 1).fill(text) }],
  [
    'takes bad frames for ever',
    'bad-frames',
    { up: (text) => (text === 'bad' ? [text, '{"type":"heartbeat","id":"x","timestamp":1,"payload":{}}'] : [text]) },
  ],
  ['counts bad frames that lie apart', 'bad-frames', { up: (text) => (text === 'bad' ? [text, text] : [text]) }],
  ['closes with another code than 4400', 'bad-frames', closesWith(4400, 1008)],
  ['closes with another code than 1009', 'long-frame', closesWith(1009, 1000)],
  ['takes frames of any length', 'long-frame', { up: (text) => [text.slice(0, 1_048_576)] }],
  ['closes with another code than 1000', 'close-1000', closesWith(1000, 1001)],
  ['closes with another code than 4401', 'close-4401', closesWith(4401, 1000)],
  [
    'says nothing of frames that are too fast',
    'fast-frames',
    { down: (text) => (text.includes('TooManyRequests') ? [] : [text]) },
  ],
  ['accepts without saying so', 'submission', { down: (text) => (text.includes('submission_accepted') ? [] : [text]) }],
  ['changes what it was sent', 'submission', { up: (text) => [text.replace('排序', 'sort')] }],
  [
    'runs a submission twice',
    'duplicate-submission',
    { up: (text) => [text.replace(/"submission_id":"[^"]*"/, `"submission_id":"${crypto.randomUUID()}"`)] },
  ],
  [
    'names another event for a duplicate',
    'duplicate-submission',
    change('error', ({ payload }) => (payload.event_id = 1)),
  ],
  ['refuses with another code', 'refused-submission', change('error', ({ payload }) => (payload.code = 'NotFound'))],
  ['lets a turn have no end', 'turn', { down: (text) => (text.includes('"turn_completed"') ? [] : [text]) }],
  ['lets both answers count', 'approval', change('error', ({ payload }) => (payload.code = 'ApprovalNotFound'))],
  ['answers for somebody else', 'elicitation', { up: (text) => [text.replace('Rust', 'Python')] }],
];

const idOf = (name: string) => `events/${name.split(' ')[0]}`;

/** Milliseconds: what a mistake keeps from coming is not waited for long. */
const PATIENCE = 2_000;

describe('the suite of the socket', () => {
  itInAll('passes through a proxy that changes nothing, at level agent', async () => {
    // The demo agent of this server cannot crash: it runs in the server's own process.
    const rules = [...new Set(MISTAKES.map(([, rule]) => idOf(rule)))].filter((id) => id !== 'events/turn');
    const { failed, verdict } = await verifyThrough({}, { level: 'agent', rules });
    expect(failed).toEqual([]);
    expect(verdict).toMatchObject({ reached: 'agent', exitCode: 0 });
  });

  it('passes where a server adds what readers pass over, and notes it', async () => {
    const grown = change('connection_ack', ({ payload }) => (payload.mood = 'blue'));
    const { failed, notes } = await verifyThrough(grown, { level: 'core', rules: ['events/ack', 'events/frame'] });
    expect(failed).toEqual([]);
    expect(notes).toMatchObject([{ where: 'frame connection_ack', expected: expect.stringContaining('mood') }]);
    const strict = await verifyThrough(grown, { level: 'core', rules: ['events/ack', 'events/frame'], strict: true });
    expect(strict.failed).toEqual(['events/frame (connection_ack)']);
  });

  it.concurrent.each(shareOf(MISTAKES, 8))('catches a server that %s by events/%s', async (_, name, changes) => {
    const id = idOf(name);
    const helpers = id === 'events/frame' ? ['events/heartbeat', 'events/ack'] : [];
    const rules = [id, ...helpers];
    const { failed, outcomes } = await verifyThrough(changes, { level: 'agent', rules, patience: PATIENCE });
    expect(failed).toContain(`events/${name}`);
    expect(JSON.stringify(outcomes)).not.toContain(server.token);
  });
});
