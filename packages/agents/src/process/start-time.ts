import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Position of `starttime` in /proc/PID/stat, counted from the field after the command's closing parenthesis. */
const STARTTIME_FIELD = 19;

/**
 * When a process started, as an opaque string: equal for the same process, different for another one that got the same id
 * later. `undefined` when there is no such process. Read from /proc on Linux, else from `ps`.
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxStartTime(pid);
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined; // `ps` fails when there is no such process
  }
}

async function linuxStartTime(pid: number): Promise<string | undefined> {
  let stat: string;
  let boot: string;
  try {
    [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
  } catch {
    return undefined; // no such process
  }
  // The command may hold spaces and parentheses: fields are counted from the last ')'.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const zombie = fields[0] === 'Z';
  // Ticks count from boot, so the boot belongs to the identity.
  return zombie ? undefined : `${boot.trim()}:${fields[STARTTIME_FIELD]}`;
}
