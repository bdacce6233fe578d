import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { attack } from './attack.js';
import { HANDSHAKE, open, write } from './http.js';
import { growthOf } from './memory.js';
import { type Parley, startParley } from './parley-process.js';

// Each attack drives a bound of LIMITS.md to its end, with the defaults. What the server holds then is that bound, and less than this
// many MiB beside it.
const BESIDE = 384;

const MIB = 1_048_576;

/**
 * How many MiB a server grows at most during an attack. Its health is asked for all the time, and must stay good.
 */
async function growthOfServer(run: (parley: Parley, bearer: { Authorization: string }) => Promise<void>) {
  const evil = { name: 'evil', command: process.execPath, args: [join(import.meta.dirname, 'evil-agent.mjs')] };
  const agents = [{ name: 'demo', in_memory: true }, evil];
  const parley = await startParley({ config: { agents, agent: 'demo' } });
  let over = false;
  const watch = async () => {
    while (!over) expect((await parley.send('GET', '/api/health')).status).toBe(200);
  };
  const attacking = () => run(parley, { Authorization: `Bearer ${parley.token}` });
  try {
    return await growthOf(parley.pid, async () => {
      const watching = watch();
      await attacking().finally(() => {
        over = true;
      });
      await watching;
    });
  } finally {
    over = true;
    await parley.end();
  }
}

const closeAll = (sockets: readonly Socket[]) => {
  for (const socket of sockets) socket.destroy();
};

attack(
  'leaves hundreds of bodies unfinished, each a byte short of a megabyte, with a credential',
  'one token would fill the memory with what nobody will ever read',
  async () => {
    const growth = await growthOfServer(async (parley, bearer) => {
      const headers = { ...bearer, 'Content-Type': 'application/json', 'Content-Length': String(MIB) };
      const sockets = Array.from({ length: 400 }, () => open(parley.port));
      const refused = sockets.map(async (socket) => {
        socket.write(write(parley.port, 'POST', '/api/sessions', { headers }));
        socket.write(' '.repeat(MIB - 1));
        const [piece] = await once(socket, 'data');
        expect.soft(String(piece)).toMatch(/^HTTP\/1\.1 429/);
      });
      // All but those for which there was room.
      await Promise.race([Promise.all(refused), settledBut(refused, 70)]);
      expect((await parley.send('POST', '/api/sessions', { body: {} })).status).toBe(400);
      closeAll(sockets);
    });
    expect(growth).toBeLessThan(64 + BESIDE);
  },
);

attack(
  'leaves hundreds of frames unfinished, each a byte short of a megabyte',
  'sockets would hold a megabyte each for as long as they like',
  async () => {
    const growth = await growthOfServer(async (parley, bearer) => {
      const sessions = await Promise.all(Array.from({ length: 40 }, () => parley.createSession()));
      const sockets: Socket[] = [];
      const ended: Promise<unknown>[] = [];
      for (const session of [...sessions, ...sessions, ...sessions, ...sessions, ...sessions]) {
        const socket = open(parley.port);
        sockets.push(socket);
        ended.push(new Promise<void>((resolve) => socket.once('end', resolve).once('close', resolve)));
        socket.write(write(parley.port, 'GET', `${session}/events`, { headers: { ...HANDSHAKE, ...bearer } }));
        await once(socket, 'data');
        socket.write(
          Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]), Buffer.alloc(MIB - 1)]),
        );
      }
      await settledBut(ended, 70);
      closeAll(sockets);
    });
    expect(growth).toBeLessThan(64 + BESIDE);
  },
);

attack(
  'queues hundreds of messages of half a megabyte behind turns that do not end',
  'whoever has sessions would have the memory too',
  async () => {
    const growth = await growthOfServer(async (parley) => {
      const content = 'x'.repeat(500_000);
      const seen = new Map<string, number>();
      for (let n = 0; n < 12; n += 1) {
        const session = await parley.createSession();
        const submit = async (text: string) => {
          const { text: answer } = await parley.send('POST', `${session}/submit`, {
            body: { type: 'user_message', content: text },
          });
          const { code = 'accepted' } = JSON.parse(answer);
          seen.set(code, (seen.get(code) ?? 0) + 1);
        };
        await submit('/wait');
        for (let message = 0; message < 20; message += 1) await submit(content);
      }
      expect(seen.get('QueueFull')).toBeGreaterThan(80);
    });
    expect(growth).toBeLessThan(64 + BESIDE);
  },
);

attack(
  'asks hundreds of large questions at once in many sessions, and has all sessions listed',
  'what waits for an answer would be kept, and be sent again to everybody who looks',
  async () => {
    const growth = await growthOfServer(async (parley) => {
      const asked = Array.from({ length: 12 }, async () => {
        const session = await parley.createSession({ agent: 'evil', approval_policy: 'ask' });
        await parley.send('POST', `${session}/submit`, { body: { type: 'user_message', content: 'show 200 200000' } });
        const get = async () => JSON.parse((await parley.send('GET', session)).text).pending_approvals.length;
        await expect.poll(get, { timeout: 60_000 }).toBeGreaterThan(0);
        const { text } = await parley.send('GET', session);
        expect.soft(text.length).toBeLessThan(9_000_000);
      });
      await Promise.all(asked);
      const lists = Array.from({ length: 20 }, () => parley.send('GET', '/api/sessions?limit=100'));
      for (const { status, text } of await Promise.all(lists)) {
        expect.soft([status, text.length < 14_000_000]).toEqual([200, true]);
      }
    });
    expect(growth).toBeLessThan(64 + BESIDE);
  },
);

/** Resolves when all but so many have settled. */
async function settledBut(promises: readonly Promise<unknown>[], left: number): Promise<void> {
  let open = promises.length;
  await new Promise<void>((resolve) => {
    for (const promise of promises) {
      const settle = () => {
        open -= 1;
        if (open <= left) resolve();
      };
      promise.then(settle, settle);
    }
  });
}
