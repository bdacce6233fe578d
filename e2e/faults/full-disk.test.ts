import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@parleyhq/client';
import type { Event } from '@parleyhq/contract';
import { expect, test } from 'vitest';
import { parse, readFrames } from '../shared/history.js';
import { untilListening } from '../shared/serve.js';
import { startParley } from './parley-process.js';
import { untilIdle } from './until-idle.js';
import { isRunning, makeWorld } from './world.js';

/** Files end here, as a full disk would make them: every write of the log fails. */
const FULL = 4_096;

test('a disk that is full ends the turn and costs nothing that was delivered or acknowledged', async () => {
  const world = await makeWorld();
  const parley = await startParley(world, { stderr: 'keep' });
  const direct = await untilListening(parley);
  await using client = createClient({ baseUrl: direct.url, token: direct.token, maxRetries: 0 });
  const health = async () => (await client.http.GET('/api/health')).data?.status;
  const session = await client.sessions.create({ cwd: world.project });

  const turn = await session.submit(JSON.stringify({ key: 'talks', pieces: 1_000_000, pauseMs: 2 }));
  const acknowledged = [turn.submissionId];
  const delivered: Event[] = [];
  let speaks: () => void = () => undefined;
  const speaking = new Promise<void>((resolve) => {
    speaks = resolve;
  });
  const reading = (async () => {
    for await (const event of session.events({ after: 0 })) {
      delivered.push(event as Event);
      if (event.type === 'item_delta' && delivered.length > 20) speaks();
      if (event.type === 'turn_completed') return;
    }
  })();
  await speaking;
  acknowledged.push((await session.submit(JSON.stringify({ key: 'waits', pieces: 1 }))).submissionId);
  const [agent = 0] = (await world.journal()).pids;
  expect(await health()).toBe('healthy');

  limitFiles(parley.pid, FULL);
  const refused = { code: 'Unavailable', status: 503 };
  await expect(session.submit(JSON.stringify({ key: 'too late', pieces: 1 }))).rejects.toMatchObject(refused);
  expect(await health()).toBe('degraded');
  // It is held back as long as there is hope, and then ended.
  while (await isRunning(agent)) await delay(50);
  expect((await client.sessions.get(session.id)).info.turn_id).toBe(turn.id);

  limitFiles(parley.pid, 'unlimited');
  expect(await turn.completed()).toMatchObject({ status: 'failed', cause: 'log_unavailable' });
  await reading;
  await untilIdle(session);
  expect(await health()).toBe('healthy');
  const log = (await readFrames(direct, session.id)).map((frame) => parse(frame));
  expect(log.slice(0, delivered.length).map(({ id }) => id)).toEqual(delivered.map((_, index) => index + 1));
  const accepted = log.map(({ payload }) => payload).filter((event) => event.type === 'submission_accepted');
  expect(accepted.map((event) => event.type === 'submission_accepted' && event.submission_id)).toEqual(acknowledged);
  expect((await world.journal()).keys).toEqual(['talks', 'waits']);
  expect(await parley.close()).toBe(0);
});

/** Sets how large a file of a running process may become, in bytes. */
function limitFiles(pid: number, size: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`]);
}
