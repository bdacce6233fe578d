import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient, type Session, type SessionEvent, TurnError } from '@parleyhq/client';
import { createServer, type ParleyServer } from '@parleyhq/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL, itInAll } from '../../../scripts/test-forms.js';

let folder: string;
let project: string;
let server: ParleyServer;
let client: Client;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-sdk-')));
  project = join(folder, 'project');
  await mkdir(project);
  server = await createServer({ dataDir: join(folder, 'data'), port: 0, roots: [project] });
  const { url: baseUrl } = await server.listen();
  client = createClient({ baseUrl, token: server.token });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
  await rm(folder, { recursive: true });
});

async function collect(events: AsyncIterable<SessionEvent>): Promise<SessionEvent[]> {
  const collected: SessionEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

/** A line to a local port that breaks off after some bytes of the answer, each time after others. */
async function startBreakingLine(port: number): Promise<AsyncDisposable & { url: string; readonly breaks: number }> {
  let breaks = 0;
  let connections = 0;
  const line = createNetServer((near) => {
    const far = connect(port, '127.0.0.1');
    // Soon, at any byte; every 25th time late enough for the largest event.
    connections++;
    let left = connections % 25 === 0 ? 10 ** 6 : 10 ** (2.5 + 1.5 * Math.random());
    far.on('data', (bytes) => {
      near.write(bytes.subarray(0, Math.ceil(left)));
      left -= bytes.length;
      if (left > 0) return;
      breaks++;
      near.destroySoon();
      far.destroy();
    });
    near.on('data', (bytes) => far.write(bytes));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  return {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    get breaks() {
      return breaks;
    },
    async [Symbol.asyncDispose]() {
      line.close();
    },
  };
}

/** Applies the first patch of a turn once it is there. */
async function applyFirstPatch(session: Session, events: AsyncIterable<SessionEvent>): Promise<string[]> {
  for await (const event of events) {
    if (event.type !== 'patch_updated' || !event.patch) continue;
    const patch = await session.patch();
    expect(patch).toMatchObject({ patch_id: event.patch.patch_id, exact: true, applicable: true });
    return (await session.applyPatch()).files.map(({ path }) => path);
  }
  throw new Error('The turn had no patch.');
}

describe('the SDK and the server', () => {
  test('do the main job: a message, its events, the patch, the files, the answer, the end', async () => {
    const session = await client.sessions.create({ cwd: project });
    const all = collect(session.events({ after: 0 }));
    const turn = await session.submit('请帮我实现一个排序函数');
    const [files, events] = await Promise.all([applyFirstPatch(session, turn), collect(turn)]);
    for (const path of files) expect(await readFile(join(project, path), 'utf8')).not.toBe('');
    expect(await turn.completed()).toMatchObject({ status: 'completed', cause: 'end_turn' });
    expect(await turn.text()).not.toBe('');
    expect(events[0]).toMatchObject({ type: 'submission_accepted', id: turn.eventId });
    expect(events.filter(({ type }) => type === 'unknown')).toEqual([]);
    expect(await collect(turn)).toEqual(events);

    await session.close();
    const read = await all;
    expect(read.map(({ id }) => id)).toEqual(read.map((_, index) => index + 1));
    expect(read.at(-1)?.type).toBe('session_closed');
    expect(await collect(session.history())).toEqual(read);
    expect((await session.refresh()).status).toBe('closed');
    const listed: string[] = [];
    for await (const { id } of client.sessions.list({ status: 'closed' })) listed.push(id);
    expect(listed).toContain(session.id);
  });

  itInAll('continue in another client at the cursor of the first', async () => {
    await using session = await client.sessions.create({ cwd: project });
    const turn = await session.submit('/command');
    const stream = session.events({ after: 0 });
    const seen: number[] = [];
    for await (const { id } of stream) if (seen.push(id) === 5) break;
    await using other = createClient({ baseUrl: server.address!.url, token: async () => server.token });
    const again = await other.sessions.get(session.id);
    const end = await turn.completed();
    for await (const { id } of again.events({ after: stream.cursor })) {
      // The body of event 5 was left before its end: it comes again.
      if (seen[seen.length - 1] === 5 && id === 5) continue;
      seen.push(id);
      if (id === end.id) break;
    }
    expect(seen).toEqual(Array.from({ length: end.id }, (_, index) => index + 1));
  });

  itInAll('lose nothing of a flood in a loop that is slower, beside one that is not', async () => {
    await using hasty = createClient({ baseUrl: server.address!.url, token: server.token, queueLimit: 50 });
    await using session = await hasty.sessions.create({ cwd: project });
    const turn = await session.submit('/flood');
    const slow: number[] = [];
    const text = turn.text();
    for await (const { id } of turn) {
      slow.push(id);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(slow.length).toBeGreaterThan(100);
    expect((await text).length).toBeGreaterThan(10_000);
    const logged = await collect(session.history());
    const ofTurn = logged.filter((event) => 'turn_id' in event && event.turn_id === turn.id);
    expect(slow).toEqual(ofTurn.map(({ id }) => id));
  });

  itInAll('answer a question of the agent, and interrupt a turn', async () => {
    await using session = await client.sessions.create({ cwd: project });
    const asking = await session.submit('/ask');
    for await (const event of asking) {
      if (event.type === 'elicitation_requested') await session.answer(event.elicitation, { language: 'Rust' });
    }
    expect(await asking.text()).toContain('Rust');

    const waiting = await session.submit('/wait');
    for await (const event of waiting) if (event.type === 'item_delta') await session.interrupt({ turn: waiting });
    expect(await waiting.completed()).toMatchObject({ status: 'interrupted' });
    await expect(waiting.text()).rejects.toThrow(TurnError);
  });

  test('lose nothing and do nothing twice over a line that breaks off at any byte', async () => {
    await using line = await startBreakingLine(server.address!.port);
    const options = { token: server.token, maxRetries: 50, maxReconnects: 50, backoff: { base: 1, max: 2 } };
    await using broken = createClient({ ...options, baseUrl: line.url });
    await using session = await broken.sessions.create({ cwd: project });
    const events = collect(session.events({ after: 0 }));
    const prompts = ALL ? ['/flood', '/command', '/plan'] : ['/command', '/plan'];
    const turns = [];
    for (const prompt of prompts) turns.push(await session.submit(prompt));
    for (const turn of turns) expect(await turn.completed()).toMatchObject({ status: 'completed' });
    await session.close();

    const read = await events;
    const whole = await client.sessions.get(session.id);
    expect(read).toEqual(await collect(whole.history()));
    expect(read.filter(({ type }) => type === 'submission_accepted')).toHaveLength(prompts.length);
    expect(line.breaks).toBeGreaterThan(5);
  });

  test('tell what the server refuses', async () => {
    await expect(client.sessions.create({ cwd: '/' })).rejects.toMatchObject({ code: 'InvalidRequest', status: 400 });
    const unknown = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f07';
    await expect(client.sessions.get(unknown)).rejects.toMatchObject({ code: 'SessionNotFound' });
    const stranger = createClient({ baseUrl: server.address!.url, token: 'wrong' });
    await expect(stranger.sessions.get(unknown)).rejects.toMatchObject({ code: 'Unauthorized' });
  });

  itInAll('tell a reader why it is not let in', async () => {
    await using session = await client.sessions.create({ cwd: project });
    const stream = session.events({ after: 1_000_000 });
    await expect(stream.next()).rejects.toMatchObject({ code: 'CursorAhead' });
    expect(stream.end?.reason).toBe('cursor_invalid');
  });

  itInAll('end the loops of a purged session', async () => {
    const session = await client.sessions.create({ cwd: project });
    const stream = session.events({ after: 0 });
    await stream.next();
    await session.close({ purge: true });
    await collect(stream).catch((error: unknown) => expect(error).toMatchObject({ code: 'SessionNotFound' }));
    expect(['purged', 'session_closed']).toContain(stream.end?.reason);
    await expect(session.refresh()).rejects.toMatchObject({ code: 'SessionNotFound' });
  });
});
