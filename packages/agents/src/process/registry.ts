import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { endGroup } from './end-group.js';
import { hasMarkedMember } from './group-members.js';
import { processStartTime } from './start-time.js';

/** One running agent, as its file in the registry tells it. */
interface AgentRecord {
  readonly pid: number;
  /** See `processStartTime`: a reused pid has another one. */
  readonly started: string;
  /** See `hasMarkedMember`. */
  readonly mark: string;
  readonly command: string;
  readonly server: { readonly pid: number; readonly started: string };
}

/** Writes down that this process runs an agent. Resolves to a function that strikes it off again. */
export async function recordAgent(
  directory: string,
  agent: Pick<AgentRecord, 'pid' | 'mark' | 'command'>,
): Promise<() => Promise<void>> {
  const { pid } = agent;
  const [started, serverStarted] = await Promise.all([processStartTime(pid), processStartTime(process.pid)]);
  if (started === undefined || serverStarted === undefined) return async () => undefined;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const record: AgentRecord = { ...agent, started, server: { pid: process.pid, started: serverStarted } };
  const file = join(directory, `${pid}.json`);
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.new`, file); // whole or not at all
  return () => rm(file, { force: true });
}

/**
 * Ends the agents that a killed server left behind, as `directory` (the `registryDir` of `openAgent`) lists them.
 * A process whose start time differs from the recorded one is somebody else's and left alone, and so are the agents of
 * a server that still runs. Resolves to the ids of the process groups that were ended.
 */
export async function reapAgents(directory: string, options: { readonly graceMs?: number } = {}): Promise<number[]> {
  const reaped = await Promise.all(
    (await readRecords(directory)).map((entry) => reap(entry, options.graceMs ?? 3_000)),
  );
  return reaped.filter((pid) => pid !== undefined);
}

async function reap(entry: { file: string; record: AgentRecord | undefined }, graceMs: number) {
  const { file, record } = entry;
  if (record && (await isRunning(record.server))) return undefined;
  const running =
    record !== undefined && ((await isRunning(record)) || (await hasMarkedMember(record.pid, record.mark)));
  if (running) await endGroup(record.pid, graceMs);
  await rm(file, { force: true });
  return running ? record.pid : undefined;
}

async function isRunning(process: { readonly pid: number; readonly started: string }): Promise<boolean> {
  return (await processStartTime(process.pid)) === process.started;
}

async function readRecords(directory: string) {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // nothing was ever started here
    throw error;
  }
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
    // A pid of 0 or 1 would make `kill(-pid)` reach far more than an agent.
    const sound = Number.isInteger(record.pid) && record.pid > 1 && Number.isInteger(record.server?.pid);
    return sound ? record : undefined;
  } catch {
    return undefined; // a file that nobody can read names no process
  }
}
