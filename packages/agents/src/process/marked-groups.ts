import { readdir, readFile } from 'node:fs/promises';

/** The variable that marks an agent and all that it starts. No option of `parley serve` has it: an agent may start one. */
export const MARK = 'PARLEY_AGENT_MARK';

/**
 * The ids of the process groups that have a member which bears this agent's mark. An agent may be gone while a command of
 * its is not: then the group's id alone proves nothing, since it may be somebody else's by now. Only where there is /proc.
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
    return undefined; // gone meanwhile, or another user's
  }
}
