import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..');

/** A running `parley serve`. */
export interface ParleyServer {
  readonly url: string;
  /** The access token that it made at its first start. */
  readonly token: string;
  /** Everything that it has printed, its log included. */
  readonly output: () => string;
  /** Resolves when its log says a text. */
  said(text: string): Promise<void>;
  /** Asks it to end; resolves with its exit code. */
  close(): Promise<number | null>;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/** The folders and settings of the server. */
export interface ParleyServerOptions {
  readonly root: string;
  readonly dataDirectory: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Further arguments of the command. */
  readonly args?: readonly string[];
}

/**
 * Starts the real command on a free port. Its environment has only the variables that are given here, so that no key,
 * proxy or setting of the machine reaches an agent. The agents of this folder are on its PATH.
 */
export async function startParley({
  root,
  dataDirectory,
  home,
  env,
  args = [],
}: ParleyServerOptions): Promise<ParleyServer> {
  const cli = join(repository, 'packages', 'cli');
  const { bin } = JSON.parse(await readFile(join(cli, 'package.json'), 'utf8')) as { bin: { parley: string } };
  const command = ['serve', '--port', '0', '--root', root, '--data-dir', dataDirectory, ...args];
  const path = [join(import.meta.dirname, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(process.execPath, [join(cli, bin.parley), ...command], {
    cwd: home,
    // With NODE_OPTIONS the server's sockets may be recorded.
    env: { PATH: path, HOME: home, NODE_OPTIONS: process.env.NODE_OPTIONS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const pieces: Buffer[] = [];
  const output = () => Buffer.concat(pieces).toString();
  const url = await readUrl(child, pieces);
  const token = (await readFile(join(dataDirectory, 'access-token'), 'utf8')).trim();
  return {
    url,
    token,
    output,
    async said(text) {
      while (!output().includes(text)) await once(child.stderr, 'data');
    },
    async close() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Waits for the address that the command prints. Fails with the output if the command ends before. */
function readUrl(child: ChildProcess, pieces: Buffer[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = (piece: Buffer): void => {
      pieces.push(piece);
      const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(Buffer.concat(pieces).toString()) ?? [];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`parley serve ended with ${code}:\n${Buffer.concat(pieces)}`)));
  });
}
