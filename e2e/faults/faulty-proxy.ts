import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../shared/random.js';

/**
 * A fault of a connection, at some byte of one direction.
 *
 * - `cut`: both sides are reset.
 * - `truncate`: the bytes so far are delivered, the rest is not, and both sides get the end of the connection.
 * - `half_close`: only the receiver of this direction gets the end; the other direction goes on.
 * - `stall`: nothing more is delivered in this direction, and the connection stays open.
 * - `delay`: delivery goes on after some milliseconds.
 * - `split`: the next bytes are delivered in pieces of a few bytes.
 */
export type Fault = 'cut' | 'truncate' | 'half_close' | 'stall' | 'delay' | 'split';

/** A TCP proxy that breaks what passes through it. */
export interface FaultyProxy {
  readonly url: string;
  /** How often each fault has happened. */
  readonly counts: Readonly<Record<Fault, number>>;
  readonly total: number;
  /** Stops all faults. Connections that a fault has stalled are reset. */
  calm(): void;
  close(): Promise<void>;
}

interface Plan {
  /** How many bytes pass before the fault. */
  after: number;
  fault: Fault;
}

const FAULTS: readonly [Fault, ...Fault[]] = ['cut', 'truncate', 'half_close', 'stall', 'delay', 'split'];
/** Most handshakes and answers are shorter than this many bytes. */
const HANDSHAKE_BYTES = 800;

/**
 * Starts a proxy on a free port, in front of the port that `target` says for each connection. Which faults, and at which
 * bytes, is chosen for each connection in turn.
 */
export async function startFaultyProxy(target: () => number, random: Random): Promise<FaultyProxy> {
  const counts: Record<Fault, number> = { cut: 0, truncate: 0, half_close: 0, stall: 0, delay: 0, split: 0 };
  const open = new Set<Socket>();
  const hanging = new Set<() => void>();
  let connections = 0;
  let calm = false;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port: target(), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    connections += 1;
    const choices = random.fork(connections);
    const reset = () => {
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      // If one side breaks, the other one is closed too.
      socket.on('error', reset).on('close', () => open.delete(socket));
    }
    forward(near, far, choices.fork(1), reset).catch(reset);
    forward(far, near, choices.fork(2), reset).catch(reset);
  });

  async function forward(from: Socket, to: Socket, choices: Random, reset: () => void): Promise<void> {
    let plan = choose(choices);
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      let rest: Buffer = chunk;
      while (rest.length > 0) {
        const part = calm ? rest : rest.subarray(0, plan.after);
        plan.after -= part.length;
        rest = rest.subarray(part.length);
        if (part.length > 0 && !to.write(part)) await drained(to);
        if (calm || plan.after > 0) continue;
        const { fault } = plan;
        counts[fault] += 1;
        plan = choose(choices);
        if (fault === 'cut') return reset();
        if (fault === 'stall') return new Promise<void>((resolve) => hanging.add(resolve)).then(reset);
        if (fault === 'half_close') return void to.end();
        if (fault === 'truncate') {
          to.end();
          from.end();
          return;
        }
        if (fault === 'delay') await delay(choices.integer(1, 30));
        else rest = await split(rest, to, choices);
      }
    }
    to.end();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    get total() {
      return Object.values(counts).reduce((sum, count) => sum + count);
    },
    calm() {
      calm = true;
      for (const release of hanging) release();
      hanging.clear();
    },
    async close() {
      for (const socket of open) socket.resetAndDestroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Some faults hit handshakes and small answers, most whatever passes later, and some come late: an event may have 256 KiB,
 * which has to come through at some time.
 */
function choose(choices: Random): Plan {
  const most = choices.pick([HANDSHAKE_BYTES, 25_000, 25_000, 1_000_000]);
  return { after: choices.integer(0, most), fault: choices.pick(FAULTS) };
}

/** Delivers up to a hundred bytes in pieces of a few, and returns the rest. */
async function split(bytes: Buffer, to: Socket, choices: Random): Promise<Buffer> {
  let rest = bytes;
  for (let left = 100; left > 0 && rest.length > 0; ) {
    const size = choices.integer(1, 9);
    to.write(rest.subarray(0, size));
    rest = rest.subarray(size);
    left -= size;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rest;
}

/** Resolves when the socket has room, or is closed. The reader of the other side notices the close. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
    if (socket.destroyed) done();
  });
}
