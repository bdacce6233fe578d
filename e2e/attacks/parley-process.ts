import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PARLEY, type ServeOptions, serve, untilListening } from '../shared/serve.js';
import { type Received, send, type ToSend } from './http.js';

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

/** Starts the command on a free port. */
export async function startParley({
  args = [],
  config = {},
  ...options
}: Pick<ServeOptions, 'args' | 'config' | 'openFiles'> = {}): Promise<Parley> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-attacks-')));
  const [project, dataDir] = [join(folder, 'project'), join(folder, 'data')];
  await mkdir(project);
  const env = { PATH: process.env.PATH, HOME: folder, PARLEY_DEMO_PACE: '0' };
  let log = '';
  const server = await serve({
    ...{ root: project, dataDir, args, config, env, ...options },
    stderr(text) {
      log += text;
    },
  });
  const { port, token } = await untilListening(server);
  const bearer = { Authorization: `Bearer ${token}` };
  const sendIt: Parley['send'] = (method, path, { headers = bearer, body } = {}) =>
    send(port, method, path, { headers, ...(body !== undefined && { body }) });
  return {
    ...{ port, token, folder, project, dataDir, pid: server.pid },
    log: () => log,
    send: sendIt,
    async createSession(body = {}) {
      const { status, text } = await sendIt('POST', '/api/sessions', { body: { cwd: project, ...body } });
      if (status !== 201) throw new Error(`no session: ${text}`);
      return `/api/sessions/${JSON.parse(text).session_id}`;
    },
    async cli(...words) {
      return (await promisify(execFile)(process.execPath, [PARLEY, ...words], { env })).stdout;
    },
    async end() {
      await server.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
