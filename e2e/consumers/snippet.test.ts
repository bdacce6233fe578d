import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';

const application = inject('application');

test('the first snippet of the README runs as a module of Node, and ends the agent that it started', async () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const [, snippet = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
  const project = join(application, 'project');
  const dataDir = join(application, 'data');
  mkdirSync(project);
  const command = join(application, 'node_modules', '.bin', 'parley');
  const options = ['--port', '0', '--agent', 'demo', '--root', project, '--data-dir', dataDir];
  const server = spawn(process.execPath, [command, 'serve', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await readUrl(server.stdout);
    const script = snippet.replaceAll('http://127.0.0.1:8080', url).replaceAll('/path/to/project', project);
    writeFileSync(join(application, 'snippet.mjs'), script);
    const token = readFileSync(join(dataDir, 'access-token'), 'utf8');
    const env = { ...process.env, PARLEY_TOKEN: token };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['snippet.mjs'], { cwd: application, env });
    expect(stdout).toContain('completed (end_turn)');
    const answer = await fetch(`${url}/api/sessions`, { headers: { Authorization: `Bearer ${token.trim()}` } });
    const { sessions } = (await answer.json()) as { sessions: { status: string }[] };
    expect(sessions.map(({ status }) => status)).toEqual(['closed']);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
});

/** The address that the command prints. */
async function readUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url) {
      output.resume();
      return url;
    }
  }
  throw new Error('parley serve has printed no address.');
}
