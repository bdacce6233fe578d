import { readdir, readFile } from 'node:fs/promises';

/**
 * The variable that marks an agent and everything that it starts. `parley serve` must have no option that reads a variable of
 * this name: an agent may start a server.
 */
export const MARK = 'PARLEY_AGENT_MARK';

/**
 * The ids of the process groups with at least one member that has this agent's mark. An agent may have ended while one of
 * its commands still runs. The id of its group proves nothing then, since another process may have got it. An empty list on
 * systems without /proc.
 */
export async function findMarkedGroups(mark: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const groups = (await Promise.all(pids.map((pid) => groupIfMarked(pid, mark)))).filter((pgid) => pgid !== undefined);
  // `kill(-pgid)` with 0 or 1 would reach far more than an agent.
  return [...new Set(groups)].filter((pgid) => pgid > 1);
}

async function groupIfMarked(pid: string, mark: string): Promise<number | undefined> {
  try {
    if (!(await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').includes(`${MARK}=${mark}`)) return undefined;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(group);
  } catch {
    return undefined; // it has ended, or belongs to another user
  }
}
