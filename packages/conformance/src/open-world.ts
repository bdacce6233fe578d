import { BrokenRule } from './broken-rule.js';
import type { Level } from './rule.js';
import { createWorld, type WorldOptions } from './world/create-world.js';
import type { World } from './world/world.js';

/** The run cannot begin: no server, no access, or no folder that the server accepts. The message says what to do. */
export class CannotVerify extends Error {
  override readonly name = 'CannotVerify';
}

/** How to reach the server, and which level is tested. */
export interface OpenOptions extends Omit<WorldOptions, 'signal'> {
  readonly level: Level;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a world and checks that the run can begin. The rules find everything else that is wrong with the server.
 *
 * @throws CannotVerify
 */
export async function openWorld(options: OpenOptions): Promise<World & { close(): Promise<void> }> {
  const { url, level, signal = new AbortController().signal } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CannotVerify(`expected the address of a server, such as http://127.0.0.1:8080, got ${url}`);
  }
  // Level `core` works with any agent that starts; the higher levels play scenarios of the demo agent.
  const agent = options.agent ?? (level === 'core' ? undefined : 'demo');
  const world = await createWorld({ ...options, agent, signal });
  try {
    await checkThatItBegins(world);
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}

async function checkThatItBegins(world: World): Promise<void> {
  try {
    await world.sharedSession();
  } catch (error) {
    if (!(error instanceof BrokenRule)) throw error;
    const { exchange, got } = error.facts;
    if (exchange === undefined || exchange.status === 0) {
      throw new CannotVerify(`${world.url} cannot be reached: ${got.replace(/^none: /, '')}`);
    }
    const reason = await reasonOf(world, exchange.status, Object(exchange.json));
    if (reason !== undefined) throw new CannotVerify(reason);
  }
}

async function reasonOf(
  world: World,
  status: number,
  { code, message, details }: { code?: unknown; message?: unknown; details?: unknown },
): Promise<string | undefined> {
  if (status === 401) {
    const { json } = await world.call({ path: '/api/login/status' });
    return Object(json).authenticated === false ? `${world.url} does not know the token: ${message}` : undefined;
  }
  if (status === 403 && code === 'Forbidden') return `${world.url} refuses the token or its own name: ${message}`;
  const wrong = Array.isArray(details) ? details.map((detail) => String(Object(detail).pointer)) : [];
  if (status === 400 && wrong.includes('/body/cwd')) {
    return `${world.url} refuses the folder of the kit: ${message} Name a folder inside the server's roots with --cwd.`;
  }
  if (status === 400 && wrong.includes('/body/agent')) {
    return `${world.url} has no agent ${world.agent}: ${message} Give the name of the demo agent with --agent, or ask for --level core.`;
  }
  if (status === 404 && code === undefined)
    return `${world.url} is not a server of this contract: POST /api/sessions is 404`;
  return undefined;
}
