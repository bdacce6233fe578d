import { spawn } from 'node:child_process';
import { endWithUs } from './process.mjs';

/** The shell starts the command as a child, names it, and says what processor time its children have used. */
const SCRIPT = 'exec 4<&0; "$@" <&4 4<&- & echo $! >&3; wait $! 2>&-; times >&3';

/**
 * The processor time of a process from its start to its end, in seconds, with all its threads and with what it has waited for.
 * Needs a shell of POSIX.
 *
 * @param {string[]} command A program and its arguments.
 * @param {(child: {stdin: import('node:stream').Writable, stdout: import('node:stream').Readable}) => Promise<void>} [until]
 *   When it resolves the process is killed. Without, the process ends by itself.
 * @returns {Promise<number>}
 */
export async function measureProcessorTime(command, until) {
  const shell = endWithUs(
    spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] }),
  );
  const { stdin, stdout } = shell;
  if (!stdin || !stdout) throw new Error('expected pipes');
  const told = /** @type {import('node:stream').Readable} */ (shell.stdio[3]).setEncoding('utf8');
  let said = '';
  const pid = new Promise((resolve) => {
    told.on('data', (text) => {
      said += text;
      if (said.includes('\n')) resolve(Number(said.split('\n', 1)[0]));
    });
  });
  const ended = new Promise((resolve) => shell.once('close', resolve));
  if (until) {
    await until({ stdin, stdout });
    process.kill(await pid, 'SIGKILL');
  }
  stdout.resume();
  await ended;
  // The pid, the shell's own times, its children's: user and system, such as 0m0.094s.
  const times =
    said
      .trim()
      .split('\n')[2]
      ?.match(/\d+m[\d.]+s/g) ?? [];
  if (times.length !== 2) throw new Error(`expected the times of ${command.join(' ')}, got ${said}`);
  return times.reduce((sum, time) => sum + secondsOf(time), 0);
}

/** @param {string} time Such as 1m2.345s. */
function secondsOf(time) {
  const [minutes = 0, seconds = 0] = time.replace('s', '').split('m').map(Number);
  return 60 * minutes + seconds;
}
