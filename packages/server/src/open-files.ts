import { readFileSync } from 'node:fs';

/** The least and the most files that are left for what is no connection. */
const RESERVE = { least: 64, most: 1_024 };

/** How many files this process may have open (`ulimit -n`). Known on Linux; elsewhere nothing says it, and it is `Infinity`. */
export function openFileLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * How many connections a process may take that may have so many files open: a quarter of these, from 64 to 1,024, is left for
 * the log, the tokens, the agents and git. Anybody can open connections, and needs no credential for it.
 */
export function connectionsWithin(openFiles: number): number {
  const reserve = Math.min(RESERVE.most, Math.max(RESERVE.least, Math.floor(openFiles / 4)));
  return Math.max(1, openFiles - reserve);
}
