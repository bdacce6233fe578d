import { BrokenRule } from '../broken-rule.js';
import { expectAnswer } from '../rest/expect-answer.js';
import type { Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { latestOf } from './compare-history.js';
import { openSocket } from './event-socket.js';
import { expectRefusal, type HandshakeOptions, tryHandshake } from './handshake.js';

/** How a socket is opened: subprotocols, credentials, and the first frame. */
export const handshakeRules: readonly Rule[] = [
  {
    id: 'events/subprotocol',
    level: 'core',
    title: 'Of the subprotocols that a client offers, only parley.v1 is ever selected.',
    source: 'PROTOCOL.md#spoken to in `parley.v1`, with no response header.',
    async run(world) {
      await expectProtocol(world, { protocols: ['parley.v1'] }, 'parley.v1');
      await expectProtocol(world, { protocols: ['other.v9', 'parley.v1'] }, 'parley.v1');
      await expectProtocol(world, { protocols: [] }, undefined);
      // As a header: otherwise the WebSocket library fails if none of the offered subprotocols is selected.
      await expectProtocol(world, { protocols: [], headers: { 'Sec-WebSocket-Protocol': 'other.v9' } }, undefined);
    },
  },
  {
    id: 'events/bearer-subprotocol',
    level: 'core',
    title: 'A token may be sent as a subprotocol with parley.v1, and is not sent back.',
    source: 'asyncapi.yaml#/components/securitySchemes/subprotocol',
    async run(world) {
      const bearer = `parley.bearer.${world.token}`;
      await expectProtocol(world, { as: 'none', protocols: ['parley.v1', bearer] }, 'parley.v1');
      await expectProtocol(world, { as: 'none', protocols: [bearer, 'parley.v1'] }, 'parley.v1');
      const { path } = await world.sharedSession();
      const wrong = { as: 'none', protocols: ['parley.v1', `parley.bearer.${world.token}x`] } as const;
      expectAnswer(await expectRefusal(world, path, wrong), { status: 401, code: 'Unauthorized' });
    },
  },
  {
    id: 'events/cookie',
    level: 'core',
    title: 'The cookie of a login opens a socket, but only with an Origin that is allowed.',
    source: 'asyncapi.yaml#/components/securitySchemes/cookie',
    async run(world) {
      const login = await world.call({ method: 'POST', path: '/api/login', as: 'none', json: { token: world.token } });
      expectAnswer(login, { status: 200 });
      const [cookie = ''] = (login.headers.get('set-cookie') ?? '').split(';');
      const { path } = await world.sharedSession();
      const own = { as: 'none', headers: { Cookie: cookie, Origin: world.url } } as const;
      (await openSocket(world, path, own)).cut();
      const without = await expectRefusal(world, path, { as: 'none', headers: { Cookie: cookie } });
      expectAnswer(without, { status: 401, code: 'Unauthorized' });
      const foreign = { as: 'none', headers: { Cookie: cookie, Origin: 'https://parley.invalid' } } as const;
      expectAnswer(await expectRefusal(world, path, foreign), { status: 403, code: 'Forbidden' });
    },
  },
  {
    id: 'events/token-in-url',
    level: 'core',
    title: 'A token in the address does not count as a credential.',
    source: 'PROTOCOL.md#A token is never part of a URL.',
    async run(world) {
      const { path } = await world.sharedSession();
      for (const name of ['token', 'access_token', 'authorization']) {
        const query = `?${name}=${encodeURIComponent(world.token)}`;
        expectAnswer(await expectRefusal(world, path, { as: 'none', query }), { status: 401, code: 'Unauthorized' });
      }
    },
  },
  {
    id: 'events/ack',
    level: 'core',
    title: 'The first frame is a connection_ack, with the session, the cursor and an id of this connection.',
    source: 'asyncapi.yaml#/components/schemas/ConnectionAck',
    async run(world) {
      const { path, session_id } = await world.sharedSession();
      const before = await latestOf(world, path);
      const sockets = [await openSocket(world, path), await openSocket(world, path, { since: 0 })];
      const ids = sockets.map(({ ack }) => ack.payload.connection_id);
      for (const socket of sockets) {
        const { payload } = socket.ack;
        const wanted = { session_id, earliest_event_id: 1 };
        for (const [name, value] of Object.entries(wanted)) {
          if (payload[name] === value) continue;
          throw socket.broken({
            expected: `${name} ${JSON.stringify(value)}`,
            got: JSON.stringify(payload[name]) ?? 'none',
          });
        }
        const latest = Number(payload.latest_event_id);
        const most = await latestOf(world, path);
        if (!(latest >= before && latest <= most)) {
          throw socket.broken({ expected: `latest_event_id from ${before} to ${most}`, got: `${latest}` });
        }
        socket.cut();
      }
      if (new Set(ids).size === ids.length) return;
      throw new BrokenRule({ expected: 'an id of its own for each connection', got: ids.join(' and ') });
    },
  },
  {
    id: 'events/ws-url',
    level: 'core',
    title: "A session's ws_url is the address of its socket.",
    source: 'openapi.yaml#/components/schemas/Session/properties/ws_url',
    async run(world) {
      const { path, ws_url } = await world.sharedSession();
      const expected = `${world.url.replace(/^http/, 'ws')}${path}/events`;
      const [wanted, got] = [new URL(expected), new URL(ws_url)];
      if (wanted.pathname === got.pathname && /^wss?:$/.test(got.protocol)) return;
      throw new BrokenRule({ expected, got: ws_url });
    },
  },
];

async function expectProtocol(world: World, options: HandshakeOptions, selected: string | undefined): Promise<void> {
  const { path } = await world.sharedSession();
  const handshake = await tryHandshake(world, path, options);
  if ('refusal' in handshake) {
    throw new BrokenRule({ expected: 'a socket', got: `${handshake.refusal.status}`, exchange: handshake.refusal });
  }
  handshake.webSocket.terminate();
  const got = handshake.headers['sec-websocket-protocol'];
  if (got === selected) return;
  throw new BrokenRule({
    expected: selected === undefined ? 'no Sec-WebSocket-Protocol in the answer' : `the subprotocol ${selected}`,
    got: got ?? 'none',
    sent: `a handshake with ${JSON.stringify({ protocols: options.protocols, ...options.headers })}`,
  });
}
