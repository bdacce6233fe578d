import { setTimeout as delay } from 'node:timers/promises';

/** How often a group is checked while it ends. */
const POLL_MS = 20;

/** How long to wait after SIGKILL: a busy machine needs time, and a zombie whose parent does not reap it never goes away. */
const KILL_WAIT_MS = 500;

/**
 * Ends a process group: SIGTERM to every member, and SIGKILL after `graceMs` to those that are left. Resolves when no member
 * is left (or none that this user may signal), or half a second after SIGKILL.
 */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  signalGroup(pgid, 'SIGTERM');
  if (await isGone(pgid, graceMs)) return;
  signalGroup(pgid, 'SIGKILL');
  await isGone(pgid, KILL_WAIT_MS);
}

async function isGone(pgid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (signalGroup(pgid, 0)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Sends a signal to each member of a group; 0 only checks whether there is one. False if there is no member. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
