import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The command of this repository. */
export const PARLEY = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'parley.js');

/** How `parley serve` is started. */
export interface ServeOptions {
  /** The file of the command. Default: that of this repository. */
  readonly command?: string;
  /** The folder that sessions may work in. */
  readonly root: string;
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** What the configuration file says. It is written beside the data directory. Default: there is none. */
  readonly config?: object;
  /** Further arguments of the command. */
  readonly args?: readonly string[];
  /** Its variables besides PATH and HOME, which may be replaced. HOME is the folder that the data directory is in. */
  readonly env?: NodeJS.ProcessEnv;
  /** How many files it may have open. Default: as many as this process. */
  readonly openFiles?: number;
  /** Arguments of Node. */
  readonly nodeArgs?: readonly string[];
  /** Default: that of this process. */
  readonly cwd?: string;
  /** Whether `child` can send and get messages. */
  readonly ipc?: boolean;
  /** What becomes of its stderr: it is shown (the default), kept for `output`, or kept and given to a function. */
  readonly stderr?: 'show' | 'keep' | ((text: string) => void);
}

/** Where a server listens, and the access token that it made at its first start. */
export interface Address {
  readonly url: string;
  readonly port: number;
  readonly token: string;
}

/** A `parley serve` in a separate process. */
export interface Served {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when it listens, or with undefined if it was killed before. Fails with its output if it ended otherwise. */
  readonly listening: Promise<Address | undefined>;
  /** Everything that it has printed and that was not shown. */
  output(): string;
  /** Asks it to end; resolves with its exit code. */
  close(): Promise<number | null>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Starts `parley serve`. Does not wait until it listens. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { command = PARLEY, root, dataDir, port = 0, config, args = [], env, nodeArgs = [], cwd } = options;
  const { ipc = false, stderr = 'show', openFiles } = options;
  const words = ['serve', '--port', String(port), '--root', root, '--data-dir', dataDir, ...args];
  if (config !== undefined) {
    words.push('--config', `${dataDir}.yaml`);
    // JSON is YAML.
    await writeFile(`${dataDir}.yaml`, JSON.stringify(config));
  }
  const program = [process.execPath, ...nodeArgs, command, ...words];
  const limited = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh'];
  const [file = '', ...argv] = [...limited, ...program];
  const child = spawn(file, argv, {
    cwd,
    env: { PATH: process.env.PATH, HOME: dirname(dataDir), ...env },
    stdio: ['ignore', 'pipe', stderr === 'show' ? 'inherit' : 'pipe', ...(ipc ? ['ipc' as const] : [])],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (typeof stderr === 'function') stderr(text);
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const { pid } = child;
  // Then `exited` fails with the reason.
  if (pid === undefined) throw new Error(`parley serve could not be started: ${await exited}`);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    ...{ pid, child },
    listening: readAddress(child, dataDir, () => output),
    output: () => output,
    close: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}

/** Waits until a server listens. */
export async function untilListening({ listening }: Served): Promise<Address> {
  const address = await listening;
  if (address === undefined) throw new Error('parley serve was killed before it listened');
  return address;
}

async function readAddress(child: ChildProcess, dataDir: string, output: () => string): Promise<Address | undefined> {
  const url = await new Promise<string | undefined>((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (text) => {
      said += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(said) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
    });
    // Later than 'exit': then all of its output is there.
    child.once('close', (code) => reject(new Error(`parley serve ended with ${code}: ${output()}`)));
  });
  if (url === undefined) return undefined;
  const token = (await readFile(join(dataDir, 'access-token'), 'utf8')).trim();
  return { url, port: Number(new URL(url).port), token };
}
