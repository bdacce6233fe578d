import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { endAgent } from './end-agent.js';
import { processStartTime } from './start-time.js';

/** The content of a registry file: an agent that runs or is about to start. */
interface AgentRecord {
  /** See `MARK`. */
  readonly mark: string;
  readonly command: string;
  readonly server: ProcessId;
  /** Absent until the agent has started. */
  readonly agent?: ProcessId;
}

interface ProcessId {
  readonly pid: number;
  /** See `processStartTime`: a reused pid has another one. */
  readonly started: string;
}

/** The entry of one agent in the registry. */
export interface AgentEntry {
  /** Adds the process of the agent. */
  started(pid: number): Promise<void>;
  /** Removes the entry. */
  forget(): Promise<void>;
}

/**
 * Records that this process is about to start an agent. To be called before the start: if the server is killed right after
 * it, the agent can still be found by its mark.
 */
export async function recordAgent(
  directory: string,
  agent: { readonly mark: string; readonly command: string },
): Promise<AgentEntry> {
  const server = await identify(process.pid);
  // Without start times, a reused pid cannot be recognised, and no process could be ended safely.
  if (server === undefined) return { started: async () => undefined, forget: async () => undefined };
  const file = join(directory, `${agent.mark}.json`);
  const write = async (record: AgentRecord) => {
    await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${file}.new`, file); // whole or not at all
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await write({ ...agent, server });
  return {
    async started(pid) {
      const id = await identify(pid);
      // If the agent has ended already, processes that it started may remain. They are found by the mark.
      if (id !== undefined) await write({ ...agent, server, agent: id });
    },
    forget: () => rm(file, { force: true }),
  };
}

/**
 * Ends the agents that a killed server left behind, as listed in `directory` (the `registryDir` of `openAgent`). A process
 * whose start time differs from the recorded one is another process and is not touched. Neither are the agents of a server
 * that still runs. Resolves to the ids of the process groups that were ended.
 */
export async function reapAgents(directory: string, options: { readonly graceMs?: number } = {}): Promise<number[]> {
  const reaped = await Promise.all(
    (await readRecords(directory)).map((entry) => reap(entry, options.graceMs ?? 3_000)),
  );
  return reaped.flat();
}

async function reap(entry: { file: string; record: AgentRecord | undefined }, graceMs: number): Promise<number[]> {
  const { file, record } = entry;
  if (record && (await isRunning(record.server))) return [];
  if (record === undefined) {
    await rm(file, { force: true });
    return [];
  }
  const { agent, mark } = record;
  // If the agent has ended, its id may belong to another process. What it started is found by the mark.
  const group = agent !== undefined && (await isRunning(agent)) ? agent.pid : undefined;
  const { groups, inUse } = await endAgent({ group, mark }, graceMs);
  if (!inUse) await rm(file, { force: true });
  return [...groups];
}

async function identify(pid: number): Promise<ProcessId | undefined> {
  const started = await processStartTime(pid);
  return started === undefined ? undefined : { pid, started };
}

async function isRunning({ pid, started }: ProcessId): Promise<boolean> {
  return (await processStartTime(pid)) === started;
}

async function readRecords(directory: string) {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // nothing was ever started here
    throw error;
  }
  // What a server was writing when it was killed.
  const unfinished = names.filter((name) => name.endsWith('.json.new'));
  await Promise.all(unfinished.map((name) => rm(join(directory, name), { force: true })));
  return Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const file = join(directory, name);
        return { file, record: parseRecord(await readFile(file, 'utf8')) };
      }),
  );
}

function parseRecord(text: string): AgentRecord | undefined {
  try {
    const record = JSON.parse(text) as AgentRecord;
    const { agent, mark, server } = record;
    // A pid of 0 or 1 would make `kill(-pid)` reach far more than an agent.
    const isAgent = agent === undefined || (Number.isInteger(agent.pid) && agent.pid > 1);
    const sound = isAgent && typeof mark === 'string' && Number.isInteger(server?.pid);
    return sound ? record : undefined;
  } catch {
    return undefined; // the file is damaged: it names no process
  }
}
