import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@parleyhq/client';
import type { Event } from '@parleyhq/contract';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { expectSame, parse, readFrames } from '../shared/history.js';
import { createRandom } from '../shared/random.js';
import { readWithSdk, readWithSockets } from '../shared/readers.js';
import { untilListening } from '../shared/serve.js';
import { expectSubmissions } from './expect-submissions.js';
import { startFaultyProxy } from './faulty-proxy.js';
import { inForm, seed } from './form.js';
import { startParley } from './parley-process.js';
import { submitWithSdk, submitWithSockets } from './submitters.js';
import { untilIdle } from './until-idle.js';
import { isRunning, makeWorld } from './world.js';

const KILLS = inForm({ brief: 2, short: 6, long: 100 });

test(`a server that is killed ${KILLS} times behind broken connections keeps what it delivered and acknowledged (seed ${seed})`, async () => {
  const random = createRandom(seed);
  const world = await makeWorld();
  const start = () => startParley(world, { limits: { heartbeat_interval_ms: 250 } });
  let parley = await start();
  let direct = await untilListening(parley);
  const proxy = await startFaultyProxy(() => direct.port, random);
  onTestFinished(() => proxy.close());
  const { token } = direct;
  const options = {
    ...{ baseUrl: proxy.url, token, timeout: 1_500, handshakeTimeout: 1_500, backoff: { base: 5, max: 50 } },
    ...{ maxRetries: 10_000, maxReconnects: 10_000 },
  };
  const client = createClient(options);
  const stop = new AbortController();
  const { signal } = stop;
  onTestFinished(() => stop.abort());
  let enough = false;

  const sessions = [
    await client.sessions.create({ cwd: world.project }),
    await client.sessions.create({ cwd: world.project }),
  ];
  const running = sessions.map(({ id: sessionId }, index) => {
    const part = (number: number) => random.fork(1_000_000 + index * 10 + number);
    const sending = { client: options, sessionId, stopped: () => enough, signal, pauseMs: 2 };
    return {
      sessionId,
      readings: [
        readWithSdk('the SDK reader', options, sessionId, part(1), signal),
        readWithSockets('the reader of bare sockets', { url: proxy.url, token }, sessionId, signal),
      ],
      submitters: [
        submitWithSdk({ ...sending, random: part(2) }),
        submitWithSdk({ ...sending, random: part(3) }),
        submitWithSockets({ ...sending, random: part(4) }),
      ],
    };
  });
  const delivered = () =>
    running.flatMap(({ readings }) => readings).reduce((sum, { frames }) => sum + frames.length, 0);
  const checked = new Map<string, number>();
  let kills = 0;
  let hasEndedTurn = false;
  onTestFailed(() => console.error(`after ${kills} kills, ${delivered()} events were delivered`, proxy.counts));

  // Of few kills each may come between two turns.
  while (kills < KILLS || !hasEndedTurn) {
    const wanted = delivered() + random.integer(1, 200);
    while (delivered() < wanted) await delay(5);
    await delay(random.integer(0, 20));
    const before = running.map(({ sessionId, readings, submitters }) => ({
      sessionId,
      frames: readings.map(({ name, frames }) => ({ name, frames: [...frames] })),
      acknowledged: submitters.flatMap(({ acknowledged }) => acknowledged),
    }));
    await parley.kill();
    kills += 1;
    const left = (await world.journal()).pids;
    parley = await start();
    if (random.chance(0.25)) {
      // Also while it takes up again what it finds.
      await Promise.race([delay(random.integer(0, 800)), parley.listening]);
      await parley.kill();
      kills += 1;
      parley = await start();
    }
    direct = await untilListening(parley);
    for (const pid of left) expect(await isRunning(pid), 'an agent of a killed server runs').toBe(false);
    for (const { sessionId, frames, acknowledged } of before) {
      // What was there after the kill before is compared again in the end.
      const behind = checked.get(sessionId) ?? 0;
      const after = await readFrames(direct, sessionId, behind);
      hasEndedTurn ||= after.some((frame) => frame.includes('"server_restarted"'));
      for (const { name, frames: got } of frames)
        expectSame(got.slice(behind), after.slice(0, got.length - behind), name);
      for (const { submissionId, eventId } of acknowledged.filter((one) => one.eventId > behind)) {
        expect(after[eventId - behind - 1], 'an acknowledged submission is there').toContain(submissionId);
      }
      checked.set(sessionId, Math.min(...frames.map((reader) => reader.frames.length)));
    }
  }

  enough = true;
  const faults = proxy.total;
  await Promise.all(running.flatMap(({ submitters }) => submitters.map(({ finished }) => finished)));
  proxy.calm();
  await Promise.all(sessions.map(untilIdle));
  await Promise.all(sessions.map((session) => session.close()));
  await Promise.all(running.flatMap(({ readings }) => readings.map(({ finished }) => finished)));

  const { keys, pids } = await world.journal();
  let restarted = 0;
  for (const { sessionId, readings, submitters } of running) {
    const frames = await readFrames(direct, sessionId);
    for (const { name, frames: got } of readings) expectSame(got, frames, name);
    const { accepted, ends } = expectSubmissions(
      frames,
      submitters.flatMap(({ acknowledged }) => acknowledged),
      keys,
    );
    const begun = frames.map((frame) => parse(frame).payload as Event).filter((event) => event.type === 'turn_started');
    expect(begun.map((event) => event.turn_id).sort(), 'what was queued has run').toEqual(
      accepted.map((event) => event.turn_id).sort(),
    );
    for (const { status, cause, submission_id } of ends) {
      if (status === 'completed') expect(keys).toContain(submission_id);
      else expect({ status, cause }).toEqual({ status: 'failed', cause: 'server_restarted' });
    }
    const failed = ends.filter(({ cause }) => cause === 'server_restarted').length;
    expect(failed, 'a kill costs one turn at most').toBeLessThanOrEqual(kills);
    restarted += failed;
  }
  for (const [fault, times] of Object.entries(proxy.counts)) expect(times, fault).toBeGreaterThan(0);
  expect(restarted, 'turns that ran when the server was killed').toBeGreaterThan(0);
  await parley.close();
  for (const pid of pids) expect(await isRunning(pid), 'an agent runs without its server').toBe(false);
  console.log(`${kills} kills and ${faults} faults, ${restarted} turns ended by them, ${delivered()} events delivered`);
});
