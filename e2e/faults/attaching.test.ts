import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@parleyhq/client';
import { createServer } from '@parleyhq/server';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Direct, parse, readFrames } from '../shared/history.js';
import { createRandom, type Random } from '../shared/random.js';
import { frameOf } from '../shared/readers.js';
import { inForm, seed } from './form.js';
import { makeWorld } from './world.js';

const ATTACHES = inForm({ brief: 100, short: 1_000, long: 10_000 });
const AT_ONCE = 8;

test(`${ATTACHES} readers that attach while events are appended see no gap and no duplicate (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const { project, dataDir, agent } = await makeWorld();
  const server = await createServer({ dataDir, port: 0, roots: [project], agents: [agent], defaultAgent: agent.name });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const direct: Direct = { url, token: server.token };
  const connect = () => createClient({ baseUrl: url, token: server.token });
  await using client = connect();
  await using session = await client.sessions.create({ cwd: project });
  await session.submit(JSON.stringify({ key: 'source', pieces: 10_000_000, pauseMs: 1, burst: 5 }));

  /** Every frame that anybody has got, by its id: all who get it get the same. */
  const seen = new Map<number, string>();
  let latest = 1;
  const see = (frame: string, id: number) => {
    const before = seen.get(id);
    if (before === undefined) seen.set(id, frame);
    else if (before !== frame) expect(frame, `event ${id}`).toBe(before);
    latest = Math.max(latest, id);
  };
  /** Takes the events of one reader, in their order. */
  const follow = (after: number) => {
    let position = after;
    return (frame: string, id = parse(frame).id) => {
      if (id !== position + 1) throw new Error(`attached behind ${after}: event ${id} came after ${position}`);
      position = id;
      see(frame, id);
      return position;
    };
  };

  const attachWithSocket = (choices: Random) =>
    new Promise<void>((resolve, reject) => {
      const since = choices.pick([undefined, latest, Math.max(0, latest - choices.integer(0, 300))]);
      const query = since === undefined ? '' : `?since_event_id=${since}`;
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sessions/${session.id}/events${query}`, [
        'parley.v1',
        `parley.bearer.${server.token}`,
      ]);
      const more = choices.integer(1, 20);
      let take: ReturnType<typeof follow> | undefined;
      let enough = Number.POSITIVE_INFINITY;
      socket.on('message', (data) => {
        const text = String(data);
        const { type, payload } = JSON.parse(text);
        try {
          if (type === 'connection_ack') {
            take = follow(since ?? payload.latest_event_id);
            enough = Math.max(payload.latest_event_id, since ?? 0) + more;
          }
          if (type !== 'event' || !take || take(text) < enough) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        socket.terminate();
      });
      socket.on('error', reject).on('close', () => reject(new Error('the socket was closed')));
    });

  const attachWithSdk = async (choices: Random) => {
    await using reader = connect();
    const after = Math.max(0, latest - choices.integer(0, 300));
    const stream = (await reader.sessions.get(session.id)).events({ after });
    const take = follow(after);
    const enough = latest + choices.integer(1, 20);
    for await (const event of stream) if (take(frameOf(event), event.id) >= enough) break;
  };

  let attached = 0;
  const attachAgain = async () => {
    while (attached < ATTACHES) {
      attached += 1;
      const choices = random.fork(attached);
      await delay(choices.integer(0, 3));
      await (choices.chance(0.1) ? attachWithSdk(choices) : attachWithSocket(choices));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, attachAgain));

  await session.interrupt();
  const frames = await readFrames(direct, session.id);
  for (const [id, frame] of seen) if (frames[id - 1] !== frame) expect(frame, `event ${id}`).toBe(frames[id - 1]);
  console.log(`${attached} readers attached while ${latest} events were appended`);
});
