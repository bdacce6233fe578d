import { spawn } from 'node:child_process';

/**
 * Runs a command of the user in a shell and waits for its end. Processes that it starts in the background may go on.
 *
 * @throws Error if the exit code is not 0.
 */
export function runShell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`--restart ended with ${signal ?? `code ${code}`}: ${command}`));
    });
  });
}
