import { find, type Json, textAt } from '../documents/json.js';
import type { Operation } from '../documents/operations.js';
import type { Call, World } from '../world/world.js';

/** For each operation, the documented example of its body that fits an idle session. */
const IDLE_EXAMPLES: Readonly<Record<string, string>> = {
  createSession: 'shortest',
  forkSession: 'end',
  submit: 'interrupt',
  applyPatch: 'pending',
  revertPatch: 'last',
  login: 'token',
  authenticateAgent: 'method',
};

/** A request that fits the documents in every part. Whether it succeeds depends on the state of its session. */
export async function goodCall(world: World, operation: Operation, sessionPath?: string): Promise<Call> {
  const { method, path, body } = operation;
  const sessions = sessionPath ?? (path.includes('{session_id}') ? (await world.sharedSession()).path : '');
  const target = await fillPath(world, path, sessions);
  if (body === undefined) return { method, path: target };
  const [, example = null] = body.examples.find(([name]) => name === IDLE_EXAMPLES[operation.operationId]) ?? [];
  return { method, path: target, json: await fillExample(world, example) };
}

/** A path of the documents with a session, and with the agent of this run. */
export async function fillPath(world: World, path: string, session: string): Promise<string> {
  const target = path.replace('/api/sessions/{session_id}', session);
  return target.includes('{agent}') ? target.replace('{agent}', encodeURIComponent(await agentOf(world))) : target;
}

/** The name of the agent of this run. */
export async function agentOf(world: World): Promise<string> {
  return world.agent ?? String((await world.sharedSession()).info.agent);
}

/** A login method that no agent has: the kit starts no login. */
export const NO_METHOD = 'no-such-method';

/** An example of the documents, with its folder and token replaced by those of this run. */
export async function fillExample(world: World, example: Json): Promise<Json> {
  if (textAt(example, 'method') !== '') return { ...Object(example), method: NO_METHOD };
  const cwd = textAt(example, 'cwd') === '' ? undefined : await world.createFolder();
  const token = textAt(example, 'token') === '' ? undefined : world.token;
  const agent = cwd === undefined || world.agent === undefined ? {} : { agent: world.agent };
  if (cwd === undefined && token === undefined) return example;
  return { ...Object(example), ...agent, ...(cwd === undefined ? { token } : { cwd }) };
}

/** The path of a session that does not exist. */
export function unknownSessionPath(id = '00000000-0000-4000-8000-000000000000'): string {
  return `/api/sessions/${id}`;
}

/** Whether an operation works in a session. */
export function isOfSession({ path }: Operation): boolean {
  return path.includes('{session_id}');
}

/** A field of an answer's body; undefined if there is none. */
export function field(json: unknown, ...keys: readonly (string | number)[]): unknown {
  return find(json as Json, ...keys);
}
