import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const CLI = join(import.meta.dirname, 'node_modules', '@stoplight', 'prism-cli', 'dist', 'index.js');

/** Starts `prism proxy --errors` with a document in front of a server; it ends with the test. Resolves with its address. */
export async function startPrism(document: string, upstream: string): Promise<string> {
  const child = spawn(process.execPath, [CLI, 'proxy', document, upstream, '--errors', '--port', '0'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let output = '';
  return await new Promise<string>((resolve, reject) => {
    const read = (piece: string): void => {
      output += piece;
      const [, url] = /Prism is listening on (http:\/\/127\.0\.0\.1:\d+)\s/.exec(output) ?? [];
      if (url) resolve(url);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('exit', (code) => reject(new Error(`prism ended with ${code}: ${output}`)));
  });
}
