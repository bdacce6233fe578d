import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type Session } from '@parleyhq/client';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';

const repository = join(import.meta.dirname, '..', '..');
const BIN = join(repository, 'packages', 'cli', 'bin', 'parley.js');

/** A secret in the server's environment that no agent gets. */
export const CANARY = 'canary-of-the-server-3f81c2';

/** A server with the agent that runs any command. */
export interface World {
  readonly folder: string;
  readonly project: string;
  readonly dataDir: string;
  readonly token: string;
  readonly client: ReturnType<typeof createClient>;
  readonly server: ChildProcess;
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
  const [project, dataDir] = [join(folder, 'project'), join(folder, 'data')];
  await mkdir(project);
  const config = join(folder, 'config.yaml');
  // Nor is this repository, which may be there.
  const file = join(folder, 'prying-agent.mjs');
  await copyFile(join(import.meta.dirname, 'prying-agent.mjs'), file);
  const agent = { name: 'prying', command: process.execPath, args: [file] };
  // JSON is YAML.
  await writeFile(config, JSON.stringify({ agents: [agent], agent: 'prying', agent_wrapper: wrapper }));
  const options = ['--port', '0', '--root', project, '--data-dir', dataDir, '--config', config, '--log-level', 'error'];
  const env = { PATH: process.env.PATH, HOME: folder, MY_SECRET_TOKEN: CANARY };
  const server = spawn(process.execPath, [BIN, 'serve', ...options, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const url = await readUrl(server);
  const token = (await readFile(join(dataDir, 'access-token'), 'utf8')).trim();
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

function readUrl(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout?.on('data', (piece) => {
      output += piece;
      const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(output) ?? [];
      if (url) resolve(url);
    });
    server.once('exit', (code) => reject(new Error(`parley serve ended with ${code}: ${output}`)));
  });
}
