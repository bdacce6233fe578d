import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Rule } from '../rule.js';
import { latestOf } from './compare-history.js';
import { openSocket } from './event-socket.js';

/** For how many heartbeat intervals the client sends nothing. */
const INTERVALS = 2.5;
/** The most milliseconds that the client sends nothing. */
const MAX_SILENCE = 5_000;

/** How both sides know that the other one is alive. */
export const livenessRules: readonly Rule[] = [
  {
    id: 'events/ping',
    level: 'core',
    title: 'A ping is answered with a pong that carries the same data.',
    source: 'PROTOCOL.md#Liveness is WebSocket ping and pong. The server also sends',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), world.patience);
      const pong = once(socket.webSocket, 'pong', { signal: late.signal }).catch(() => undefined);
      socket.webSocket.ping('parley?');
      const [data] = (await pong) ?? [];
      clearTimeout(timer);
      if (String(data) !== 'parley?')
        throw socket.broken({ expected: 'a pong with parley?', got: String(data ?? 'none') });
      socket.cut();
    },
  },
  {
    id: 'events/heartbeat',
    level: 'core',
    title: "A client's heartbeat is answered by one with its id and the id of the latest event.",
    source: 'asyncapi.yaml#/components/schemas/HeartbeatData',
    async run(world) {
      const { path } = await world.sharedSession();
      const socket = await openSocket(world, path);
      for (const _ of [1, 2]) {
        const { payload } = await socket.heartbeat();
        const least = Number(socket.ack.payload.latest_event_id);
        const most = await latestOf(world, path);
        const latest = Number(payload.latest_event_id);
        if (!(latest >= least && latest <= most)) {
          throw socket.broken({ expected: `latest_event_id from ${least} to ${most}`, got: `${latest}` });
        }
      }
      socket.cut();
    },
  },
  {
    id: 'events/silent-client',
    level: 'core',
    title: 'A client that sends nothing stays connected, and gets a heartbeat in each heartbeat interval.',
    source: 'PROTOCOL.md#A client need not send heartbeats.',
    async run(world) {
      const socket = await openSocket(world, (await world.createSession()).path);
      const interval = Number(socket.ack.payload.heartbeat_interval_ms);
      // With a long interval the rule only tests that some silence does no harm, since a run has to be short.
      const whole = INTERVALS * interval <= MAX_SILENCE;
      const time = whole ? INTERVALS * interval : MAX_SILENCE;
      const closed = once(socket.webSocket, 'close').then(() => true);
      if (await Promise.race([closed, wait(time, false, { signal: world.signal })])) {
        const got = `the close code ${await socket.closed()}`;
        throw socket.broken({ expected: `a socket that is open for ${time} ms of silence`, got });
      }
      const beats = socket.frames.filter(({ type }) => type === 'heartbeat').length;
      if (whole && beats < Math.floor(INTERVALS)) {
        throw socket.broken({ expected: `a heartbeat in each ${interval} ms of ${time} ms`, got: `${beats} in all` });
      }
      socket.cut();
    },
  },
];
