import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '@parleyhq/server';
import { expect, test } from 'vitest';
import { runApplication } from './application.js';
import { createScreen } from './screen.js';

test('the application asks, streams the answer, shows the patch, applies it, and the file is there', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-demo-test-')));
  const cwd = join(folder, 'project');
  await mkdir(cwd);
  const server = await createServer({ dataDir: join(folder, 'data'), port: 0, roots: [cwd] });
  try {
    const { url: baseUrl } = await server.listen();
    let printed = '';
    const screen = createScreen({ write: (text) => (printed += text) }, {});
    const prompt = '请帮我实现一个排序函数';
    const changed = await runApplication({ baseUrl, token: server.token, cwd, prompt }, screen);

    expect(changed).toHaveLength(1);
    const content = await readFile(join(cwd, changed[0] ?? ''), 'utf8');
    expect(content).toContain('sort');
    for (const line of content.split('\n')) expect(printed).toContain(line);
    expect(printed).toContain(`you      ${prompt}`);
    expect(printed).toContain('turn     completed (end_turn)');
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});
