import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { SessionList } from '@parleyhq/contract';
import { expect, onTestFinished, test } from 'vitest';
import { readFrames } from '../shared/history.js';
import { createRandom } from '../shared/random.js';
import { type Api, createApi, mapFew } from './api.js';
import { comparedSessions, duration, paceMs, seed, sessions, socketsOfSession } from './form.js';
import { startLoad } from './load.js';
import { startParley } from './parley-process.js';
import { createSampling, quantile, tableOf } from './samples.js';
import { openTalk, type Talk } from './talk.js';

const MEBIBYTE = 1_048_576;
const SOCKETS = sessions * socketsOfSession;
/** Log, standard streams, requests. */
const OTHER_FILES = 500;
/**
 * How far the median of the resident memory in the last third of the time may lie above that in the second third. V8 and
 * the allocator take and return memory in steps of tens of MiB, and their moods must not fail a run; what is kept of each
 * event (a frame, and it is 0.3 KiB) would take as much within minutes.
 */
const RESIDENT = { factor: 1.1, plus: 48 };
/** The same of what is reachable: no collector's mood is in it, only a few hundred turns that happen to run or not. */
const LIVE = { factor: 1.05, plus: 24 };

test(`${sessions} sessions with ${SOCKETS} sockets: flat memory, no error, every event delivered (seed ${seed})`, async () => {
  await expectOpenFiles(SOCKETS + OTHER_FILES);
  const random = createRandom(seed);
  const problems: string[] = [];
  const complain = (problem: string) => void problems.push(problem);
  const server = await startParley(paceMs);
  const api = createApi(server);
  const readers = () => talks.flatMap((talk) => talk.readers);
  let talks: Talk[] = [];
  const delivered = () => readers().reduce((sum, { position }) => sum + position, 0);
  const sampling = createSampling(server, delivered);

  const before = { ...(await sampling.look()), live: await server.liveHeap() };
  const names = Array.from({ length: sessions }, (_, index) => `project-${index}`);
  talks = await mapFew(names, 16, (name, index) =>
    openTalk({ server, api, random: random.fork(index), complain }, name),
  );
  const created = { ...(await sampling.look()), live: await server.liveHeap() };
  await mapFew(talks, 20, (talk) => talk.listen(socketsOfSession));
  const listening = { ...(await sampling.look()), live: await server.liveHeap() };

  const load = startLoad(talks, random);
  onTestFinished(() => load.stop());
  let over = false;
  const sampled = sampling.run(() => over);
  await delay((duration / 3) * 2);
  const settled = await server.liveHeap();
  await delay(duration / 3);
  const last = await server.liveHeap();
  over = true;
  const samples = await sampled;
  load.stop();

  await Promise.all(talks.map((talk) => talk.idle()));
  const latest = await latestIds(api);
  const events = [...latest.values()].reduce((sum, id) => sum + id, 0);
  await Promise.all(
    talks.flatMap(({ sessionId, readers }) => readers.map((reader) => reader.reached(latest.get(sessionId) ?? 0))),
  );
  const ended = await sampling.look();

  const third = Math.floor(samples.length / 3);
  const [second, final] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map((part) =>
    quantile(
      part.map(({ resident }) => resident),
      0.5,
    ),
  );
  const kibibytes = (from: typeof before, to: typeof before, count: number) =>
    `${(((to.resident - from.resident) * 1024) / count).toFixed(1)} KiB resident, ${((to.live - from.live) / 1024 / count).toFixed(1)} KiB reachable`;
  const deliveries = ((samples.at(-1)?.delivered ?? 0) - (samples[0]?.delivered ?? 0)) / (duration / 1_000);
  const health = samples.map((sample) => sample.health);
  const sum = (count: (talk: Talk) => number) => talks.reduce((all, talk) => all + count(talk), 0);
  console.log(
    [
      tableOf(samples),
      `a session: ${kibibytes(before, created, sessions)}; a socket: ${kibibytes(created, listening, SOCKETS)}`,
      `reachable: ${toMiB(before.live)} at first, ${toMiB(created.live)} with the sessions, ${toMiB(listening.live)} with the sockets, ${toMiB(settled)} after two thirds, ${toMiB(last)} at the end`,
      `${events} events of ${sum(({ turns }) => turns)} turns with ${sum(({ approvals }) => approvals)} approvals, ${load.cuts} sockets cut`,
      `${(deliveries / socketsOfSession).toFixed(0)} events a second to ${socketsOfSession} sockets each: ${deliveries.toFixed(0)} deliveries a second`,
      `health: p50 ${quantile(health, 0.5).toFixed(1)} ms, p99 ${quantile(health, 0.99).toFixed(1)} ms`,
    ].join('\n'),
  );

  expect(problems.slice(0, 5), 'what readers and requests complained of').toEqual([]);
  expect(load.started, 'turns that were started').toBe(sum(({ turns }) => turns));
  expect(load.cuts, 'sockets that were cut').toBeGreaterThan(0);
  for (const { sessionId, readers } of talks) {
    const expected = { position: latest.get(sessionId), checksum: readers[0]?.checksum };
    for (const { position, checksum } of readers) expect({ position, checksum }, sessionId).toEqual(expected);
  }
  for (let count = 0; count < Math.min(comparedSessions, sessions); count += 1) {
    const { sessionId, readers } = talks[random.integer(0, talks.length - 1)] as Talk;
    const frames = await readFrames(server, sessionId);
    expect(checksumOf(frames), `what the readers of ${sessionId} have got, and its history`).toBe(readers[0]?.checksum);
  }
  expect(final, 'MiB of resident memory in the last third').toBeLessThan(
    (second ?? 0) * RESIDENT.factor + RESIDENT.plus,
  );
  expect(last / MEBIBYTE, 'MiB that are reachable at the end').toBeLessThan(
    (settled / MEBIBYTE) * LIVE.factor + LIVE.plus,
  );
  expect(ended.files, 'open files and sockets').toBeLessThan(listening.files + 100);
  expect(await server.close(), 'exit code of a server that was asked to end').toBe(0);
  await Promise.all(readers().map(({ closed }) => closed));
  expect(problems, 'what readers complained of while the server ended').toEqual([]);
  expect(server.log(), 'warnings and errors of the server').toBe('');
});

/** The newest event of each session, as the list of sessions says it. */
async function latestIds(api: Api): Promise<Map<string, number>> {
  const latest = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: SessionList = await api.get(`/api/sessions?limit=100${after}`);
    for (const { session_id, latest_event_id } of page.sessions) latest.set(session_id, latest_event_id);
    cursor = page.next_cursor;
  }
  return latest;
}

/** Node raises its limit to the hard one by itself, in this process and in the server's. */
async function expectOpenFiles(needed: number): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const [, allowed = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? [];
  if (allowed !== 'unlimited' && Number(allowed) < needed) {
    throw new Error(`expected to be allowed ${needed} open files, got ${allowed}: raise the hard limit (ulimit -Hn)`);
  }
}

function checksumOf(frames: readonly string[]): number {
  return frames.reduce((checksum, frame) => crc32(frame, checksum), 0);
}

function toMiB(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(0)} MiB`;
}
