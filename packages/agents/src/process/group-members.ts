import { readdir, readFile } from 'node:fs/promises';

/** The variable that marks an agent and all that it starts. No option of `parley serve` has it: an agent may start one. */
export const MARK = 'PARLEY_AGENT_MARK';

/**
 * Whether a process group still has a member that bears this agent's mark. An agent may be gone while a command of its
 * is not: then the group's id alone proves nothing, since it may be somebody else's by now. Only where there is /proc.
 */
export async function hasMarkedMember(pgid: number, mark: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(pids.map((pid) => isMarked(pid, pgid, mark)));
  return marked.includes(true);
}

async function isMarked(pid: string, pgid: number, mark: string): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) !== pgid) return false;
    return (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').includes(`${MARK}=${mark}`);
  } catch {
    return false; // gone meanwhile, or another user's
  }
}
