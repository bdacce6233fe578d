import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@parleyhq/client';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Direct } from '../shared/history.js';
import { createRandom } from '../shared/random.js';
import { untilListening } from '../shared/serve.js';
import { inForm, seed } from './form.js';
import { startParley } from './parley-process.js';
import { makeWorld } from './world.js';

const EVENTS = inForm({ brief: 4_000, short: 20_000, long: 100_000 });
const READERS = 90;
const STALLED = 10;
const MEBIBYTE = 1_048_576;
const LOOK_MS = 50;
const SETTLING_MS = 500;
const SETTLED_LOOKS = 5;
/**
 * How much more memory the server may take with stalled readers than without, in bytes, whatever the number of events: a
 * page for each, and the moods of V8. Without a bound, each stalled reader would hold the whole log.
 */
const BOUND = 96 * MEBIBYTE;
/** The most that it may have in all, with a hundred readers of which none keeps up with the flood. */
const BOUND_IN_ALL = 512 * MEBIBYTE;

test(`${STALLED} stalled readers cost the server nothing, and ${READERS} others get all of ${EVENTS} events (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const world = await makeWorld();
  // A small heap, so that it is the readers' memory that counts and not how late V8 collects its garbage.
  const parley = await startParley(world, {
    env: { NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=8' },
  });
  const direct = await untilListening(parley);
  await using client = createClient({ baseUrl: direct.url, token: direct.token });
  await using session = await client.sessions.create({ cwd: world.project });

  /** Lets the agent say something, and gives the id of its turn's end. */
  const say = async (key: string, pieces: number, size: number) => {
    const turn = await session.submit(JSON.stringify({ key, pieces, size }));
    return (await turn.completed()).id;
  };
  // Far more than the system's own buffers between two sockets take: a stalled reader stalls within it.
  const before = await say('long ago', 3_000, 20_000);
  const readers = Array.from({ length: READERS }, () => openReader(direct, session.id, { after: before }));
  await Promise.all(readers.map(({ ready }) => ready));
  onTestFailed(() => console.error(`readers stand at ${readers.map(({ position }) => position).join(', ')}`));
  const memory = watchMemory(parley.pid);
  onTestFinished(() => memory.stop());
  /** Lets the agent say half of the events, and gives the most memory that the server had for it. */
  const flood = async (key: string) => {
    await memory.restart();
    const last = await say(key, EVENTS / 2, 500);
    await Promise.all(readers.map((reader) => reader.reached(last)));
    return { last, peak: await memory.settledPeak() };
  };

  const without = await flood('without stalled readers');
  const stalled: StallingReader[] = [];
  const moments = Array.from({ length: STALLED }, () => without.last + random.integer(1, EVENTS / 2)).sort(
    (one, other) => one - other,
  );
  readers[0]?.onEvent((id) => {
    for (; id >= (moments[0] ?? Number.POSITIVE_INFINITY); moments.shift()) {
      stalled.push(openReader(direct, session.id, { after: 0, stall: true }));
    }
  });
  const { last, peak } = await flood('with stalled readers');
  expect(stalled.length).toBe(STALLED);
  for (const reader of stalled) expect(reader.position, 'a stalled reader stands still').toBeLessThan(before);
  expect(peak - without.peak, 'bytes that the server took for stalled readers').toBeLessThan(BOUND);
  expect(peak, 'bytes that the server had').toBeLessThan(BOUND_IN_ALL);

  for (const reader of stalled) reader.goOn();
  await Promise.all(stalled.map((reader) => reader.reached(last)));
  for (const group of [readers, stalled]) {
    expect(new Set(group.map(({ characters }) => characters)).size, 'everybody has got the same').toBe(1);
  }
  const shown = [stalled[0]?.characters ?? 0, without.peak, peak].map((bytes) => `${Math.round(bytes / MEBIBYTE)} MiB`);
  console.log(`${last} events of ${shown[0]}: the server had ${shown[1]} without stalled readers, ${shown[2]} with`);
});

interface StallingReader {
  /** Open, and so far as it wants to read at first. */
  readonly ready: Promise<void>;
  readonly position: number;
  readonly characters: number;
  goOn(): void;
  onEvent(listener: (id: number) => void): void;
  reached(id: number): Promise<void>;
}

/** Reads what comes after an event, and goes on behind the last one where it is cut off; one that stalls reads nothing at first. */
function openReader({ url, token }: Direct, sessionId: string, { after = 0, stall = false }): StallingReader {
  const address = `${url.replace('http', 'ws')}/api/sessions/${sessionId}/events?since_event_id=`;
  const listeners = new Set<(id: number) => void>();
  let stalls = stall;
  let position = after;
  let characters = 0;
  let socket: WebSocket;
  let stopped = false;
  onTestFinished(() => {
    stopped = true;
    socket.terminate();
  });
  const ready = new Promise<void>((resolve) => connect(resolve));
  return {
    ready,
    get position() {
      return position;
    },
    get characters() {
      return characters;
    },
    goOn() {
      stalls = false;
      socket.resume();
    },
    onEvent: (listener) => void listeners.add(listener),
    reached: (id) =>
      new Promise((resolve) => {
        const look = () => {
          if (position < id) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
  };

  function connect(opened: () => void): void {
    socket = new WebSocket(`${address}${position}`, ['parley.v1', `parley.bearer.${token}`]);
    socket.on('message', (data) => {
      const frame = String(data);
      if (frame.startsWith('{"type":"connection_ack"')) {
        if (stalls) socket.pause();
        opened();
      }
      const [, id] = /^\{"type":"event","id":(\d+),/.exec(frame) ?? [];
      if (id === undefined) return;
      if (Number(id) !== position + 1) throw new Error(`event ${id} came after ${position}`);
      position += 1;
      characters += frame.length;
      for (const listener of listeners) listener(position);
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      if (!stopped) connect(opened);
    });
  }
}

/** Looks again and again how much memory a process has. */
function watchMemory(pid: number) {
  let resident = 0;
  let peak = 0;
  let looking = Promise.resolve();
  const look = () => {
    looking = looking.then(async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
      peak = Math.max(peak, resident);
    });
    return looking;
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    async restart() {
      await looking;
      peak = 0;
    },
    /** The most that it had since the restart, once it takes no more. */
    async settledPeak() {
      for (let quiet = 0, before = 0; quiet < SETTLED_LOOKS; await delay(SETTLING_MS)) {
        quiet = resident > before + MEBIBYTE ? 0 : quiet + 1;
        before = resident;
      }
      return peak;
    },
    stop: () => clearInterval(timer),
  };
}
