import { setTimeout as delay } from 'node:timers/promises';

import { inUse } from './in-use.js';
import { listProcesses } from './list-processes.js';
import { signalGroup } from './signal-group.js';

/** What the processes of one agent have in common. */
export interface AgentProcesses {
  /** The process group that it leads; undefined if it is not known, or if its id may belong to others by now. */
  readonly group: number | undefined;
  /** See `MARK`. It finds what has left the group, also when the agent has ended. */
  readonly mark: string;
}

/** What came of it. */
export interface EndedAgent {
  /** The process groups that got a signal. */
  readonly groups: readonly number[];
  /** Whether processes were left since another agent uses them. They are ended together with the last one that does. */
  readonly inUse: boolean;
}

/** Milliseconds between two looks: few at first, since most processes end at once. */
const POLL_MS = { first: 10, most: 100 };

/** Milliseconds to wait after SIGKILL: a busy machine needs time. */
const KILL_WAIT_MS = 500;

/** The agents that have ended, and left processes that others use. */
const left = new Set<string>();

/**
 * Ends all processes of an agent, also those in groups and sessions of their own: SIGTERM, and SIGKILL after `graceMs` to those that are
 * left. Resolves when none is left (or none that this user may signal), or half a second after SIGKILL. A process to which
 * another agent is connected is left until that agent ends. On systems without /proc, only the agent's own group is ended.
 */
export async function endAgent(agent: AgentProcesses, graceMs: number): Promise<EndedAgent> {
  const ended = await endOne(agent, graceMs);
  if (ended.inUse) left.add(agent.mark);
  for (const mark of left) {
    if (mark !== agent.mark && !(await endOne({ group: undefined, mark }, graceMs)).inUse) left.delete(mark);
  }
  return ended;
}

async function endOne(agent: AgentProcesses, graceMs: number): Promise<EndedAgent> {
  const groups = new Set<number>();
  for (const [signal, wait] of [['SIGTERM', graceMs] as const, ['SIGKILL', KILL_WAIT_MS] as const]) {
    const told = new Set<number>();
    const deadline = performance.now() + wait;
    for (let poll = POLL_MS.first; ; poll = Math.min(2 * poll, POLL_MS.most)) {
      const running = await runningGroups(agent);
      if (running.groups.length === 0) return { groups: [...groups], inUse: running.inUse };
      for (const group of running.groups.filter((one) => !told.has(one))) {
        told.add(group);
        if (signalGroup(group, signal)) groups.add(group);
      }
      if (performance.now() >= deadline) break;
      await delay(poll);
    }
  }
  return { groups: [...groups], inUse: false };
}

/** The groups with a process of the agent that runs and that no other agent uses. */
async function runningGroups({ group, mark }: AgentProcesses): Promise<EndedAgent> {
  if (process.platform !== 'linux') {
    return { groups: group !== undefined && signalGroup(group, 0) ? [group] : [], inUse: false };
  }
  const listed = await listProcesses();
  // Without this: leaves what an agent started in a group of its own
  const its = listed.filter((one) => one.group === group || one.mark === mark);
  const strays = its.filter((one) => one.group !== group);
  const others = listed.filter((one) => one.mark !== undefined && one.mark !== mark && !left.has(one.mark));
  // Without this: takes a daemon away from another agent that uses it
  const used = strays.length > 0 && others.length > 0 ? inUse(strays, others) : new Set<number>();
  // `kill(-pgid)` with 0 or 1 would reach far more than an agent.
  const groups = new Set(its.map((one) => one.group).filter((one) => one > 1 && !used.has(one)));
  return { groups: [...groups], inUse: used.size > 0 };
}
