import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Received, send, type ToSend } from './http.js';

const BIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'parley.js');

/** A `parley serve` in a separate process with its own folders, as an operator starts it. */
export interface Parley {
  readonly port: number;
  /** The owner's. */
  readonly token: string;
  readonly pid: number;
  /** The folder that contains all others. */
  readonly folder: string;
  /** The root that sessions may work in. */
  readonly project: string;
  readonly dataDir: string;
  /** What it has logged so far. */
  log(): string;
  /** Sends a request with the owner's token, or with the headers that are given. */
  send(method: string, path: string, request?: Partial<ToSend>): Promise<Received>;
  /** Creates a session in the project. Returns its path. */
  createSession(body?: object): Promise<string>;
  /** Runs `parley` with arguments. Returns its standard output. */
  cli(...args: string[]): Promise<string>;
  /** Ends it, and removes its folders. */
  end(): Promise<void>;
}

/** Settings of one server that differ from the default. */
export interface ParleySettings {
  readonly args?: readonly string[];
  /** Of the file of `--config`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Starts the command on a free port. */
export async function startParley({ args = [], config = {} }: ParleySettings = {}): Promise<Parley> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-attacks-')));
  const [project, dataDir, file] = [join(folder, 'project'), join(folder, 'data'), join(folder, 'config.yaml')];
  await mkdir(project);
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const env = { PATH: process.env.PATH, HOME: folder, PARLEY_DEMO_PACE: '0' };
  const all = ['serve', '--port', '0', '--root', project, '--data-dir', dataDir, '--config', file, ...args];
  const child = spawn(process.execPath, [BIN, ...all], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.on('data', (piece) => {
    log += piece;
  });
  const port = await readPort(child, () => log);
  const token = (await readFile(join(dataDir, 'access-token'), 'utf8')).trim();
  const bearer = { Authorization: `Bearer ${token}` };
  const sendIt: Parley['send'] = (method, path, { headers = bearer, body } = {}) =>
    send(port, method, path, { headers, ...(body !== undefined && { body }) });
  return {
    ...{ port, token, folder, project, dataDir, pid: child.pid ?? 0 },
    log: () => log,
    send: sendIt,
    async createSession(body = {}) {
      const { status, text } = await sendIt('POST', '/api/sessions', { body: { cwd: project, ...body } });
      if (status !== 201) throw new Error(`no session: ${text}`);
      return `/api/sessions/${JSON.parse(text).session_id}`;
    },
    async cli(...words) {
      return (await promisify(execFile)(process.execPath, [BIN, ...words], { env })).stdout;
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function readPort(child: ChildProcess, log: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (piece) => {
      output += piece;
      const [, port] = /https?:\/\/[^\s/]+:(\d+)(?=\s)/.exec(output) ?? [];
      if (port) resolve(Number(port));
    });
    child.once('exit', (code) => reject(new Error(`parley serve ended with ${code}: ${output}${log()}`)));
  });
}
