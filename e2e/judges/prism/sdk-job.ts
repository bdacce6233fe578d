import { type Client, createClient, ServiceError } from '@parleyhq/client';
import type { World } from '../world.js';

/** A client whose requests go through Prism. */
export interface ObservedClient extends AsyncDisposable {
  readonly client: Client;
  /** The answers that Prism gave instead of the server. */
  readonly violations: readonly string[];
}

/** Sends requests to Prism, and opens sockets to the server itself: Prism cannot upgrade a connection. */
export function connectThrough(prism: string, { url, token }: Pick<World, 'url' | 'token'>): ObservedClient {
  const violations: string[] = [];
  const client = createClient({ baseUrl: url, token, maxRetries: 0, fetch: observe });
  return { client, violations, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };

  async function observe(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { method, headers, signal } = request;
    // As a whole with its length: for a chunked body Prism would send both headers, the length and the chunked
    // encoding.
    const body = request.body === null ? null : await request.arrayBuffer();
    const response = await fetch(request.url.replace(url, prism), { method, headers, signal, body });
    const text = await response.clone().text();
    if (text.includes('https://stoplight.io/prism/errors')) violations.push(text);
    return response;
  }
}

/** The result of the job. */
export interface Done {
  readonly files: readonly string[];
  readonly ended: string;
  readonly refused: readonly (string | undefined)[];
}

/** The main job, and every other operation of the SDK, also with requests that the server refuses. */
export async function doSdkJob(client: Client, project: string): Promise<Done> {
  await using session = await client.sessions.create({ cwd: project, title: 'Sort' });
  const turn = await session.submit('请帮我实现一个排序函数');
  const files: string[] = [];
  for await (const event of turn) {
    if (event.type !== 'patch_updated' || event.patch === null) continue;
    const patch = await session.patch();
    files.push(...(await session.applyPatch(patch)).files.map(({ path }) => path));
    await session.revertPatch(patch);
  }
  const { status: ended } = await turn.completed();

  await (await session.submit('/command')).completed();
  const asking = await session.submit('/ask');
  for await (const event of asking) {
    if (event.type === 'elicitation_requested') await session.answer(event.elicitation, { language: 'Rust' });
  }
  await session.configure('mode', 'auto');
  await session.interrupt();
  const logged: number[] = [];
  for await (const { id } of session.history()) logged.push(id);
  for await (const _ of client.sessions.list({ status: 'idle', limit: 1 }));

  const refused = [
    await codeOf(session.patch()),
    await codeOf(session.events({ after: 1_000_000 }).next()),
    await codeOf(client.sessions.get('550e8400-e29b-41d4-a716-446655440000')),
    await codeOf(client.sessions.create({ cwd: '/' })),
  ];
  await session.close();
  refused.push(await codeOf(session.submit('too late')));
  if (logged.at(-1) !== logged.length) throw new Error(`expected ids from 1 without a gap, got ${logged.join(' ')}`);
  return { files, ended, refused };
}

async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}
