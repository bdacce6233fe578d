import { copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type Session } from '@parleyhq/client';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import type { Served } from '../shared/serve.js';
import { serveForTest } from '../shared/serve-for-test.js';

const repository = join(import.meta.dirname, '..', '..');

/** A secret in the server's environment that no agent gets. */
export const CANARY = 'canary-of-the-server-3f81c2';

/** A server with the agent that runs any command. */
export interface World {
  readonly folder: string;
  readonly project: string;
  readonly dataDir: string;
  readonly token: string;
  readonly client: ReturnType<typeof createClient>;
  readonly server: Served;
}

/** The wrapper that SANDBOX.md documents. */
export async function documentedWrapper(): Promise<string[]> {
  const text = await readFile(join(repository, 'packages', 'agents', 'SANDBOX.md'), 'utf8');
  const [, block = ''] = /^```yaml\n(agent_wrapper:\n.*?)^```$/ms.exec(text) ?? [];
  const { agent_wrapper: wrapper } = parse(block) as { agent_wrapper: string[] };
  return wrapper;
}

/** Starts `parley serve` with a wrapper, or without one if it is empty. Everything is removed after the test. */
export async function startWorld(wrapper: readonly string[], args: readonly string[] = []): Promise<World> {
  // Not below /tmp: an agent in the sandbox has a separate /tmp.
  const folder = await realpath(await mkdtemp('/var/tmp/parley-sandbox-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const [project, dataDir] = [join(folder, 'project'), join(folder, 'data')];
  await mkdir(project);
  // Nor is this repository, which may be there.
  const file = join(folder, 'prying-agent.mjs');
  await copyFile(join(import.meta.dirname, 'prying-agent.mjs'), file);
  const agent = { name: 'prying', command: process.execPath, args: [file] };
  const server = await serveForTest({
    ...{ root: project, dataDir, args: ['--log-level', 'error', ...args] },
    config: { agents: [agent], agent: 'prying', agent_wrapper: wrapper },
    env: { MY_SECRET_TOKEN: CANARY },
  });
  const { url, token } = server;
  return { folder, project, dataDir, token, server, client: createClient({ baseUrl: url, token }) };
}

/** What the agent's command printed. */
export async function ask(session: Session, command: string): Promise<string> {
  const turn = await session.submit(command);
  let said = '';
  for await (const event of turn) {
    if (event.type === 'item_delta' && event.delta.type === 'text') said += event.delta.text;
  }
  return said;
}

/** The processes of this machine with a text in their arguments. */
export async function processesWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return command.includes(text) ? [pid] : [];
    }),
  );
  return found.flat();
}
