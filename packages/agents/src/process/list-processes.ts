import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as yieldToOthers } from 'node:timers/promises';

import { createSharedRead } from '../shared-read.js';

/**
 * The variable that marks an agent and everything that it starts. `parley serve` must have no option that reads a variable of
 * this name: an agent may start a server.
 */
export const MARK = 'PARLEY_AGENT_MARK';

/** A process of this machine that runs. */
export interface ListedProcess {
  readonly pid: number;
  /** The id of its process group. */
  readonly group: number;
  /** The mark of the agent that it descends from; undefined for none, or a process of another user. */
  readonly mark: string | undefined;
}

/**
 * All processes that run, without zombies: those have ended, and only wait for a parent that does not ask. Who asks at the same time shares
 * a look. An empty list on systems without /proc.
 */
export const listProcesses = createSharedRead(readProcesses);

/** So many processes are read at a time: a machine may have thousands. */
const SLICE = 100;

async function readProcesses(): Promise<readonly ListedProcess[]> {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found: ListedProcess[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % SLICE === SLICE - 1) await yieldToOthers();
    const listed = readProcess(pid);
    if (listed !== undefined) found.push(listed);
  }
  return found;
}

// Not by promises: a file of /proc is ready at once, and a promise for each costs five times as much.
function readProcess(pid: string): ListedProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command may hold spaces and parentheses: fields are counted from the last ')'.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Without this: waits for those that have ended and that nobody reaps
    if (state === 'Z' || state === 'X') return undefined;
    return { pid: Number(pid), group: Number(group), mark: markOf(pid) };
  } catch {
    return undefined; // it has ended
  }
}

function markOf(pid: string): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return environment.find((variable) => variable.startsWith(`${MARK}=`))?.slice(MARK.length + 1);
  } catch {
    return undefined; // of another user
  }
}
