import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { execute } from '../src/execute.js';

/** The file of the command, for Node. */
export const BIN = fileURLToPath(new URL('../bin/parley.js', import.meta.url));

/** How a process ended, and everything that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run the command. */
export interface ParleyOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Its standard input. Default: nothing. */
  readonly input?: string;
}

/** A temporary folder for one test, with a folder `project` and a path for data in it. */
export async function temporaryFolder(): Promise<{ folder: string; project: string; data: string }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const project = join(folder, 'project');
  await mkdir(project);
  return { folder, project, data: join(folder, 'data') };
}

/** The environment of this process without its PARLEY_ variables, plus `env`. */
export function environmentWith(env: Record<string, string> = {}): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'));
  return { ...Object.fromEntries(inherited), ...env };
}

/** The data directories of private servers that `parley run` has left in a folder for temporary files. */
export async function leftBehind(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('parley-run-'));
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs the command in a new process. */
export function runParley(args: readonly string[], options: ParleyOptions = {}) {
  const env = environmentWith(options.env);
  const input = options.input === undefined ? 'ignore' : 'pipe';
  const child = spawn(process.execPath, [BIN, ...args], { cwd: options.cwd, env, stdio: [input, 'pipe', 'pipe'] });
  const { stdout: out, stderr: err } = child;
  if (out === null || err === null) throw new Error('expected pipes');
  const streams = { stdout: out, stderr: err };
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin?.end(options.input);
  let stdout = '';
  let stderr = '';
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  const said = (stream: 'stdout' | 'stderr', pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(stream === 'stdout' ? stdout : stderr);
        if (found) resolve(found);
      };
      streams[stream].on('data', look);
      child.on('close', () => reject(new Error(`ended before it said ${pattern}: ${stdout}${stderr}`)));
      look();
    });
  out.on('data', (chunk) => {
    stdout += chunk;
  });
  err.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, ended, said };
}

/**
 * Runs the command in this process and gives its output and exit code. It is much cheaper than a process. Only one can
 * run at a time. It is not for commands that read standard input, get a signal or ask at a terminal.
 */
export async function runHere(args: readonly string[], { cwd, env }: ParleyOptions = {}): Promise<Ended> {
  const before = { env: process.env, cwd: process.cwd(), out: process.stdout.write, err: process.stderr.write };
  const written = { stdout: '', stderr: '' };
  const listeners = process.stdout.listeners('error');
  const capture = (stream: 'stdout' | 'stderr') => {
    process[stream].write = (chunk: string | Uint8Array) => {
      written[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  };
  if (running) throw new Error('expected the command before to have ended');
  running = true;
  try {
    process.env = environmentWith(env);
    if (cwd !== undefined) process.chdir(cwd);
    capture('stdout');
    capture('stderr');
    const code = await execute(args);
    return { code, ...written };
  } finally {
    // The command does not remove its listeners, since its process usually ends with it.
    for (const listener of process.stdout.listeners('error')) {
      if (!listeners.includes(listener)) process.stdout.off('error', listener as () => void);
    }
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    process.chdir(before.cwd);
    process.env = before.env;
    running = false;
  }
}

let running = false;
