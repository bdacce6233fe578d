import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '@parleyhq/client';
import type { TestContext } from 'vitest';
import { type AgentName, agentsUnderTest } from './agents-under-test.js';
import type { ModelScript } from './model/script.js';
import { type ScriptedModel, startScriptedModel } from './model/scripted-model.js';
import { type ParleyServer, startParley } from './parley-server.js';
import { createRepository } from './repository.js';

/** Everything that one test uses. Disposing ends and removes all of it. */
export interface World extends AsyncDisposable {
  /** A git repository with the given files, inside the server's only root. */
  readonly cwd: string;
  /** The working directory of the server, which its agents take for the user's home. */
  readonly home: string;
  /** The URL of the running server. */
  readonly client: Client;
  readonly parley: ParleyServer;
  readonly model: ScriptedModel;
  readFile(path: string): Promise<string>;
  /** Resolves when the agent has written a text into a conversation that it keeps in its home. */
  remembered(text: string): Promise<void>;
  /** Kills the server and starts another one with its data. */
  restartServer(): Promise<void>;
}

/** The settings of a world. */
export interface WorldOptions {
  readonly script: ModelScript;
  readonly files: Readonly<Record<string, string>>;
  /** Further arguments of `parley serve`. */
  readonly args?: readonly string[];
}

/**
 * Starts a scripted model and a `parley serve` whose agent is configured to use that model. If the test fails, the
 * output of both is printed.
 */
export async function startWorld(
  test: TestContext,
  agent: AgentName,
  { script, files, args }: WorldOptions,
): Promise<World> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-agents-')));
  const [cwd, home] = [join(folder, 'project'), join(folder, 'home')];
  await mkdir(home);
  await createRepository(cwd, files);
  const model = await startScriptedModel({ script, cwd });
  const env = await agentsUnderTest[agent]({ home, modelUrl: model.url });
  const start = async () => {
    const parley = await startParley({
      root: cwd,
      dataDir: join(folder, 'data'),
      home,
      env,
      ...(args && { args }),
    });
    return { parley, client: createClient({ baseUrl: parley.url, token: parley.token }) };
  };
  let running = await start();
  test.onTestFailed(() => tellWhatHappened(model, running.parley));
  return {
    cwd,
    home,
    get client() {
      return running.client;
    },
    get parley() {
      return running.parley;
    },
    model,
    async restartServer() {
      await running.parley.kill();
      await running.client[Symbol.asyncDispose]();
      running = await start();
    },
    readFile: (path) => readFile(join(cwd, path), 'utf8'),
    async remembered(text) {
      while (!(await isKept(home, text))) await delay(50);
    },
    async [Symbol.asyncDispose]() {
      await running.client[Symbol.asyncDispose]();
      await running.parley.close();
      await model.close();
      // An agent that ends may still write into its home: repeat until the folder is gone.
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** The processes that work in a folder, as `/proc` tells; where there is no `/proc`, none. */
export async function processesIn(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const working = await Promise.all(
    ids.map(async (id) => (await readlink(`/proc/${id}/cwd`).catch(() => '')).startsWith(folder)),
  );
  return ids.filter((_id, index) => working[index]);
}

/** Whether a file that agents keep conversations in holds a text. */
async function isKept(home: string, text: string): Promise<boolean> {
  for (const entry of await readdir(home, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.jsonl')) continue;
    if ((await readFile(join(entry.parentPath, entry.name), 'utf8').catch(() => '')).includes(text)) return true;
  }
  return false;
}

function tellWhatHappened(model: ScriptedModel, parley: ParleyServer): void {
  console.error(`── the model was asked\n${model.journal.join('\n') || 'nothing'}`);
  console.error(`── the server and its agents said\n${parley.output().split('\n').slice(-60).join('\n')}`);
}
