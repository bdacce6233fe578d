import { headerOf, type PassedAnswer, type PassedRequest, withHeader } from '../proxy/change.js';
import { editText, set } from './edit-json.js';
import { type Mutant, mutant } from './mutant.js';
import { answering, answeringWith, askingWith, type Create, onFrame, subjectsOf } from './wrongly.js';

const HANDSHAKE = ['probeEvents'];

/** Servers that refuse or accept handshakes wrongly. */
export const handshakeMutants: readonly Mutant[] = [
  // Each refusal of a handshake, given in a wrong way.
  ...subjectsOf('events/refused').flatMap((subject) => [
    mutant(
      9,
      'wrong code',
      `the refusal of a handshake: ${subject}`,
      `events/refused (${subject})`,
      refusing((answer) => withCode(answer, 'Unavailable')),
    ),
    mutant(
      9,
      'wrong status',
      `the refusal of a handshake: ${subject}`,
      `events/refused (${subject})`,
      refusing((answer) => ({ ...answer, status: 418 })),
    ),
  ]),
  mutant(
    9,
    'wrong code',
    'UpgradeRequired',
    'events/probe',
    refusing((answer) => withCode(answer, 'NotFound')),
  ),
  mutant(
    9,
    'wrong code',
    'TooManyConnections',
    'events/connection-limit',
    refusing((answer) => (answer.status === 429 ? withCode(answer, 'QueueFull') : answer)),
  ),
  mutant(9, 'leak', 'a session of another account, on the socket', 'events/other-account', (hits) => {
    let first: string | undefined;
    return askingWith(['createSession', ...HANDSHAKE], (request) => {
      first ??= headerOf(request.headers, 'authorization');
      return { ...request, headers: withHeader(request.headers, 'Authorization', first) };
    })(hits);
  }),
  mutant(
    9,
    'wrong value',
    'the subprotocol that is selected',
    'events/subprotocol',
    upgrading((answer) => withHeader(answer.headers, 'Sec-WebSocket-Protocol', undefined)),
  ),
  mutant(
    9,
    'leak',
    'the token, as the subprotocol that is selected',
    'events/bearer-subprotocol',
    upgrading((answer, request) => {
      const bearer = /parley\.bearer\.[^, ]+/.exec(headerOf(request.headers, 'sec-websocket-protocol') ?? '')?.[0];
      return bearer === undefined ? answer.headers : withHeader(answer.headers, 'Sec-WebSocket-Protocol', bearer);
    }),
  ),
  mutant(
    9,
    'skip a check',
    'the Origin beside a cookie',
    'events/cookie',
    askingWith(HANDSHAKE, (request) => {
      if (headerOf(request.headers, 'cookie') === undefined) return undefined;
      return {
        ...request,
        headers: withHeader(request.headers, 'Origin', `http://${headerOf(request.headers, 'host')}`),
      };
    }),
  ),
  mutant(
    9,
    'skip a check',
    'where a token stands: in the address',
    'events/token-in-url',
    askingWith(HANDSHAKE, (request) => {
      const [, token] = /token=([^&]+)/.exec(request.target) ?? [];
      if (token === undefined) return undefined;
      const target = request.target.replace(/\?.*/, '');
      return { ...request, target, headers: withHeader(request.headers, 'Authorization', `Bearer ${token}`) };
    }),
  ),
  mutant(
    9,
    'wrong value',
    'where the socket of a session is',
    'events/ws-url',
    answering('createSession', (body) => {
      body.ws_url = String(body.ws_url).replace(/events$/, 'socket');
    }),
  ),
  mutant(
    9,
    'duplicate',
    'the id of a connection',
    'events/ack',
    onFrame('connection_ack', (payload) => {
      payload.connection_id = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f10';
    }),
  ),
  mutant(
    9,
    'off by one',
    'latest_event_id of an ack',
    'events/ack',
    onFrame('connection_ack', (payload) => {
      payload.latest_event_id = Number(payload.latest_event_id) + 1;
    }),
  ),
];

function refusing(edit: (answer: PassedAnswer) => PassedAnswer): Create {
  return answeringWith(HANDSHAKE, (answer) => {
    const changed = answer.status >= 400 ? edit(answer) : answer;
    return changed === answer ? undefined : changed;
  });
}

function withCode(answer: PassedAnswer, code: string): PassedAnswer {
  return { ...answer, text: editText(answer.text, ['code'], set(code)) ?? answer.text };
}

function upgrading(edit: (answer: PassedAnswer, request: PassedRequest) => PassedAnswer['headers']): Create {
  return answeringWith(HANDSHAKE, (answer, request) =>
    answer.status === 101 ? { ...answer, headers: edit(answer, request) } : undefined,
  );
}
