import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Rule } from '../rule.js';
import { latestOf } from './compare-history.js';
import { openSocket } from './event-socket.js';

/** Heartbeat intervals for which nothing is sent. */
const INTERVALS = 2.5;
/** The most milliseconds that a rule waits for silence. */
const LONGEST = 5_000;
/** Milliseconds that an answer to a ping may take. */
const PATIENCE = 10_000;

/** How both sides know that the other one is there. */
export const livenessRules: readonly Rule[] = [
  {
    id: 'events/ping',
    level: 'core',
    title: 'A ping is answered with a pong that carries the same.',
    source: 'PROTOCOL.md#Liveness is WebSocket ping and pong. The server also sends',
    async run(world) {
      const socket = await openSocket(world, (await world.sharedSession()).path);
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), PATIENCE);
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
    title: "A client's heartbeat is answered with one that has its id and the latest event's.",
    source: 'asyncapi.yaml#/components/schemas/HeartbeatData',
    async run(world) {
      const { path } = await world.sharedSession();
      const socket = await openSocket(world, path);
      for (const _ of [1, 2]) {
        const { payload } = await socket.beat();
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
    title: 'A client that sends nothing lives, and hears of the server in each heartbeat interval.',
    source: 'PROTOCOL.md#A client need not send heartbeats.',
    async run(world) {
      const socket = await openSocket(world, (await world.createSession()).path);
      const interval = Number(socket.ack.payload.heartbeat_interval_ms);
      // Of an interval that is long no more is tried than that it does no harm to wait: a run is to be short.
      const whole = INTERVALS * interval <= LONGEST;
      const time = whole ? INTERVALS * interval : LONGEST;
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
