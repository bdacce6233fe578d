import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..');

/** A running `parley serve`, with the demo agent and an empty project. */
export interface ParleyServer {
  readonly url: string;
  /** The access token that it made at its first start. */
  readonly token: string;
  /** The folder of the project, inside its only root. */
  readonly project: string;
  close(): Promise<void>;
}

/** Starts the real command on a free port, with everything that it keeps in `folder`. */
export async function startParley(options: { folder: string; allowOrigin: string }): Promise<ParleyServer> {
  const project = join(options.folder, 'project');
  const dataDirectory = join(options.folder, 'data');
  await mkdir(project);
  const cli = join(repository, 'packages', 'cli');
  const { bin } = JSON.parse(await readFile(join(cli, 'package.json'), 'utf8')) as { bin: { parley: string } };
  const settings = ['--port', '0', '--agent', 'demo', '--allow-origin', options.allowOrigin];
  const places = ['--data-dir', dataDirectory, '--root', project];
  const child = spawn(process.execPath, [join(cli, bin.parley), 'serve', ...settings, ...places], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await readUrl(child);
  const token = (await readFile(join(dataDirectory, 'access-token'), 'utf8')).trim();
  return { url, token, project, close: () => stop(child) };
}

/** Waits for the address that the command prints. */
function readUrl(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (piece: Buffer): void => {
      output += piece.toString();
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`parley serve ended:\n${output}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}
