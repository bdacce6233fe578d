import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/parley.js', import.meta.url));

/** How a process ended, and everything that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for one test, with a `project` and a place for data in it. */
export async function temporaryFolder(): Promise<{ folder: string; project: string; data: string }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const project = join(folder, 'project');
  await mkdir(project);
  return { folder, project, data: join(folder, 'data') };
}

/** Runs the command as a process of its own, with nothing of this process's PARLEY_ variables. */
export function runParley(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'));
  const env = { ...Object.fromEntries(inherited), ...options.env };
  const child = spawn(process.execPath, [BIN, ...args], { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  const said = (stream: 'stdout' | 'stderr', pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(stream === 'stdout' ? stdout : stderr);
        if (found) resolve(found);
      };
      child[stream].on('data', look);
      child.on('close', () => reject(new Error(`ended before it said ${pattern}: ${stdout}${stderr}`)));
      look();
    });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, ended, said };
}
