import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The position of `starttime` in /proc/PID/stat, counted from the field after the closing parenthesis of the command. */
const STARTTIME_FIELD = 19;

/**
 * When a process started, as the server writes it into its `server.json`: another process that got the same id later has
 * another one. Undefined if there is no such process.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' ? undefined : `${boot}:${fields[STARTTIME_FIELD]}`;
  } catch {
    return undefined;
  }
}
