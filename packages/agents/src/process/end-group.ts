import { setTimeout as delay } from 'node:timers/promises';

/** How often a group is looked at while it ends. */
const POLL_MS = 20;

/**
 * Ends a process group: SIGTERM to every member, SIGKILL after `graceMs` to what is left. Resolves when no member is
 * left (or none that this user may signal).
 */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pgid, 'SIGTERM')) return;
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline) {
    if (!signalGroup(pgid, 0)) return;
    await delay(Math.min(POLL_MS, graceMs));
  }
  signalGroup(pgid, 'SIGKILL');
}

/** Sends a signal to each member of a group (0 only looks). False when there is nobody to send it to. */
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
