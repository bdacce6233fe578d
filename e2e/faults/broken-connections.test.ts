import { createClient } from '@parleyhq/client';
import { createServer } from '@parleyhq/server';
import { afterAll, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { expectSame, readFrames } from '../shared/history.js';
import { createRandom } from '../shared/random.js';
import { type Reading, readWithSdk, readWithSockets } from '../shared/readers.js';
import { expectSubmissions } from './expect-submissions.js';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.js';
import { inForm, seed } from './form.js';
import { submitWithSdk, submitWithSockets } from './submitters.js';
import { untilIdle } from './until-idle.js';
import { makeWorld } from './world.js';

const SEEDS = Array.from({ length: inForm({ brief: 1, short: 4, long: 8 }) }, (_, index) => seed + index);
const FAULTS_A_SEED = inForm({ brief: 120, short: 250, long: 1_000 });
const SESSIONS = 3;

const happened: Record<string, number> = {};
afterAll(() => {
  const total = Object.values(happened).reduce((sum, count) => sum + count, 0);
  console.log(`${total} faults on connections:`, happened);
  expect(total).toBeGreaterThanOrEqual(SEEDS.length * FAULTS_A_SEED);
});

test.each(SEEDS)(
  'connections broken at any byte lose no event, repeat none, and no submission (seed %i)',
  async (of) => {
    const random = createRandom(of);
    const { project, dataDir, agent, journal } = await makeWorld();
    const server = await createServer({
      ...{ dataDir, port: 0, roots: [project], agents: [agent], defaultAgent: agent.name },
      limits: { heartbeatIntervalMs: 250 },
    });
    onTestFinished(() => server.close());
    const { url, port } = await server.listen();
    const { token } = server;
    const proxy = await startFaultyProxy(() => port, random);
    onTestFinished(() => proxy.close());
    const options = {
      ...{ baseUrl: proxy.url, token, timeout: 1_500, handshakeTimeout: 1_500, backoff: { base: 1, max: 20 } },
      ...{ maxRetries: 1_000, maxReconnects: 1_000 },
    };
    const client = createClient(options);
    onTestFinished(() => client[Symbol.asyncDispose]());

    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, () => client.sessions.create({ cwd: project })),
    );
    const stop = new AbortController();
    const { signal } = stop;
    onTestFinished(() => stop.abort());
    const stopped = () => proxy.total >= FAULTS_A_SEED;
    const running = sessions.map(({ id: sessionId }, index) => {
      const part = (number: number) => random.fork(1_000_000 + index * 10 + number);
      const sending = { client: options, sessionId, stopped, signal };
      const shared = createClient({ ...options, queueLimit: 100 });
      onTestFinished(() => shared[Symbol.asyncDispose]());
      const readings: Reading[] = [
        readWithSdk('the SDK reader', options, sessionId, part(1), signal),
        ...[2, 3].map((number) =>
          readWithSdk(`SDK reader ${number} of one socket`, shared, sessionId, part(number), signal),
        ),
        readWithSockets('the reader of bare sockets', { url: proxy.url, token }, sessionId, signal),
      ];
      const submitters = [
        ...[4, 5].map((number) => submitWithSdk({ ...sending, random: part(number) })),
        submitWithSockets({ ...sending, random: part(6) }),
      ];
      return { sessionId, readings, submitters };
    });
    onTestFailed(() => {
      for (const { readings, submitters } of running) {
        console.error(readings.map(({ name, frames }) => `${name} has ${frames.length} events`).join(', '));
        console.error(submitters.map(({ acknowledged }) => `${acknowledged.length} acknowledged`).join(', '));
      }
      console.error(proxy.counts);
    });
    await Promise.all(running.flatMap(({ submitters }) => submitters.map(({ finished }) => finished)));
    count(proxy);
    proxy.calm();
    await Promise.all(sessions.map(untilIdle));
    await Promise.all(sessions.map((session) => session.close()));
    await Promise.all(running.flatMap(({ readings }) => readings.map(({ finished }) => finished)));

    const prompted = await journal();
    const keys: string[] = [];
    for (const { sessionId, readings, submitters } of running) {
      const frames = await readFrames({ url, token }, sessionId);
      for (const { name, frames: got } of readings) expectSame(got, frames, name);
      const acknowledged = submitters.flatMap((submitter) => submitter.acknowledged);
      const { accepted, ends } = expectSubmissions(frames, acknowledged, prompted.keys);
      expect(accepted.map(({ submission_id }) => submission_id).sort()).toEqual(
        acknowledged.map(({ submissionId }) => submissionId).sort(),
      );
      expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['completed']));
      keys.push(...accepted.map(({ submission_id }) => submission_id));
    }
    expect(prompted.keys.toSorted()).toEqual(keys.sort());
    const listed: string[] = [];
    for await (const { id } of client.sessions.list()) listed.push(id);
    expect(listed.sort(), 'no session was created twice').toEqual(sessions.map(({ id }) => id).sort());
  },
);

function count({ counts }: FaultyProxy): void {
  for (const [fault, times] of Object.entries(counts)) happened[fault] = (happened[fault] ?? 0) + times;
}
