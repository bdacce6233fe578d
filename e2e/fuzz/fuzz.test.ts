import { expect, it, onTestFinished } from 'vitest';
import { clientFrames, operations } from '../shared/document.js';
import { createRandom } from '../shared/random.js';
import { startBystander } from './bystander.js';
import { runCases } from './cases/run-cases.js';
import type { World } from './cases/world.js';
import { inForm, onlyCase, seed } from './form.js';
import { type ServerUnderFire, startUnderFire } from './server-under-fire.js';
import { startSlowClients } from './slow-clients.js';
import { startStubbornClients } from './stubborn-clients.js';

const CASES = inForm({ short: 6_000, long: 150_000 });
/** After so many, everything that a server makes once has been made. */
const WARM_UP = Math.min(CASES / 3, 10_000);
/** Bytes that the server may hold more after the run than after its warm-up, however many cases lie between. */
const MAX_HEAP_GROWTH = inForm({ short: 8, long: 16 }) * 1_048_576;
const MAX_RSS_GROWTH = 96 * 1_048_576;
/** Connections that the bystander's own HTTP client may keep now and not then. */
const SPARE_HANDLES = 5;
const AT_ONCE = 6;

it('survives malformed requests and frames: answers each by the documents, keeps nothing, harms nobody', async () => {
  const server = await startUnderFire({ max_sessions: 4, max_connections_per_session: 100, max_body_bytes: 1_048_576 });
  const world = await makeWorld(server);
  if (onlyCase !== undefined) {
    const { failures } = await runCases(world, { seed, from: onlyCase, to: onlyCase + 1, atOnce: 1 });
    expect(failures).toEqual([]);
    return;
  }
  const bystander = await startBystander(server, createRandom(seed));
  const warmedUp = await runCases(world, { seed, from: 0, to: WARM_UP, atOnce: AT_ONCE });
  expect(warmedUp.failures.join('\n\n'), 'failures of the warm-up').toBe('');
  const before = { ...(await server.measure()), handles: await server.handles() };

  const slow = await startSlowClients(world, 5);
  onTestFinished(() => slow.stop());
  const { failures, counts } = await runCases(world, { seed, from: WARM_UP, to: CASES, atOnce: AT_ONCE });
  slow.stop();
  const stubborn = await startStubbornClients(world, 20);
  onTestFinished(() => stubborn.stop());
  const handles = await server.settle(before.handles + SPARE_HANDLES);
  stubborn.stop();
  const after = await server.measure();
  console.log(summary(counts));
  console.log(
    `heap ${grown(before.heap, after.heap)}, RSS ${grown(before.rss, after.rss)}, handles ${before.handles} -> ${handles}`,
  );

  expect(failures.join('\n\n'), 'failures').toBe('');
  expect(await bystander.finish(), 'events of the bystander').toBeGreaterThan(100);
  expect(handles, 'files, sockets and pipes that the server has open').toBeLessThanOrEqual(
    before.handles + SPARE_HANDLES,
  );
  expect(after.heap - before.heap, 'growth of the heap').toBeLessThan(MAX_HEAP_GROWTH);
  expect(after.rss - before.rss, 'growth of the RSS').toBeLessThan(MAX_RSS_GROWTH);
  expect([...counts.keys()]).toEqual(
    expect.arrayContaining(operations.map(({ operationId }) => `request ${operationId}`)),
  );
  expect(clientFrames.length).toBeGreaterThan(0);
  expect(server.said, 'what the server said on stderr').toEqual([]);
  expect(await server.close(), 'exit code').toBe(0);
});

async function makeWorld({ port, token, project, url }: ServerUnderFire): Promise<World> {
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    expect(response.status).toBeLessThan(300);
    const text = await response.text();
    const { session_id = '' }: { session_id?: string } = text === '' ? {} : JSON.parse(text);
    return session_id;
  };
  const create = () => call('POST', '/api/sessions', { cwd: project });
  const [live, closed] = [await create(), await create()];
  await call('DELETE', `/api/sessions/${closed}`);
  return { port, token, project, live, closed };
}

function summary(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${what}: ${count}`)
    .join(', ');
}

function grown(before: number, after: number): string {
  const mebibytes = (bytes: number) => (bytes / 1_048_576).toFixed(1);
  return `${mebibytes(before)} -> ${mebibytes(after)} MiB`;
}
