import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { serve, untilListening } from '../shared/serve.js';

const application = inject('application');

test('the first snippet of the README runs as a module of Node, and ends the agent that it started', async () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const [, snippet = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
  const project = join(application, 'project');
  mkdirSync(project);
  const server = await serve({
    command: join(application, 'node_modules', '.bin', 'parley'),
    ...{ root: project, dataDir: join(application, 'data'), args: ['--agent', 'demo'] },
  });
  try {
    const { url, token } = await untilListening(server);
    const script = snippet.replaceAll('http://127.0.0.1:8080', url).replaceAll('/path/to/project', project);
    writeFileSync(join(application, 'snippet.mjs'), script);
    const env = { ...process.env, PARLEY_TOKEN: token };
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['snippet.mjs'], { cwd: application, env });
    expect(stdout).toContain('completed (end_turn)');
    const answer = await fetch(`${url}/api/sessions`, { headers: { Authorization: `Bearer ${token}` } });
    const { sessions } = (await answer.json()) as { sessions: { status: string }[] };
    expect(sessions.map(({ status }) => status)).toEqual(['closed']);
  } finally {
    await server.close();
  }
});
