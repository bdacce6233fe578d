import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LocalServer, LocalServerError, type LocalServerOptions } from './local-server.js';
import { processStartTime } from './process-start-time-node.js';
import { proveServer } from './prove-server-node.js';

/**
 * Finds a server that runs on this machine, and its owner's token, by its data directory. It reads only files; `token` then
 * has the server prove itself, each time. The token is never used for another machine.
 *
 * @throws LocalServerError if none runs, its token cannot be read, or `baseUrl` is another machine.
 */
export function findLocalServer(options: LocalServerOptions = {}): LocalServer {
  const dataDir = resolve(options.dataDir ?? (process.env.PARLEY_DATA_DIR || join(homedir(), '.parley')));
  const baseUrl = options.baseUrl === undefined ? readRunning(dataDir) : checkLocal(options.baseUrl, dataDir);
  const tokenPath = join(dataDir, 'access-token');
  // Checked now and not at the first call, since a client without a token is useless.
  readToken(tokenPath);
  return {
    baseUrl,
    dataDir,
    async token() {
      const token = (await readFile(tokenPath, 'utf8')).trim();
      await proveServer(baseUrl, token);
      return token;
    },
  };
}

function readToken(path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    const message = `the access token of the server cannot be read: ${reasonOf(error)}`;
    throw new LocalServerError('no_token', message, { cause: error });
  }
}

function readRunning(dataDir: string): string {
  const { url, pid, started } = readServerFile(dataDir);
  // Without this: gives the token to whoever listens where a killed server did
  if (isAlive(pid) && (started === undefined || started === processStartTime(pid))) return url;
  // Another process listens there now. It must not get the token.
  throw new LocalServerError(
    'not_running',
    `the server of ${dataDir} (pid ${pid}, ${url}) has ended without saying so; start it again with parley serve`,
  );
}

function readServerFile(dataDir: string): { url: string; pid: number; started: unknown } {
  const path = join(dataDir, 'server.json');
  const text = readText(path, dataDir);
  const { url, pid, started } = Object(parse(text));
  if (typeof url === 'string' && /^https?:\/\//.test(url) && Number.isInteger(pid) && pid > 0)
    return { url, pid, started };
  throw new LocalServerError(
    'not_running',
    `${path}: expected the url and the pid of a server, got ${text.slice(0, 200)}`,
  );
}

function readText(path: string, dataDir: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const message = `no server runs on the data directory ${dataDir} (${reasonOf(error)}); start one with parley serve`;
    throw new LocalServerError('not_running', message, { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkLocal(baseUrl: string, dataDir: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && /^https?:$/.test(url.protocol)) {
    if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return baseUrl;
    if (isOrigin(url.origin, dataDir)) return baseUrl;
  }
  throw new LocalServerError(
    'not_local',
    `expected the address of a server on this machine, such as http://127.0.0.1:8080, got ${baseUrl}; the token of a data directory is only for this machine`,
  );
}

/** Whether the server of a data directory listens at this URL, possibly by another address of this machine. */
function isOrigin(origin: string, dataDir: string): boolean {
  try {
    return new URL(readRunning(dataDir)).origin === origin;
  } catch (error) {
    if (error instanceof LocalServerError) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process may belong to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
