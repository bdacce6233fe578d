import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from '@parleyhq/server';
import { runApplication } from './application.js';
import { createScreen } from './screen.js';

/**
 * `npm run demo`: a server, an agent and an application in one process, in a folder that is removed at the end.
 * `npm run demo -- --agent codex` lets the real Codex do the work, `--prompt` asks for something else.
 */
const { values } = parseArgs({
  options: {
    agent: { type: 'string', default: 'demo' },
    prompt: { type: 'string', default: '请帮我实现一个排序函数' },
  },
});
const screen = createScreen(process.stdout, process.env);
const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-demo-')));
const project = join(folder, 'project');
await mkdir(project);
await writeFile(join(project, 'package.json'), '{ "name": "project", "type": "module" }\n');

const server = await createServer({ dataDir: join(folder, 'data'), port: 0, roots: [project] });
// The demo ends on Ctrl-C, and when nobody reads its output any more.
process.once('SIGINT', () => void end().finally(() => process.exit(130)));
process.stdout.once('error', () => void end().finally(() => process.exit(1)));
try {
  const { url } = await server.listen();
  screen.lines('server', `${url}, its state in ${server.dataDir}`);
  const application = { baseUrl: url, token: server.token, cwd: project, ...values };
  for (const path of await runApplication(application, screen)) {
    screen.lines('file', `${screen.style.bold(path)}\n${(await readFile(join(project, path), 'utf8')).trimEnd()}`);
  }
} finally {
  await end();
}
screen.lines('end', 'session closed, agent ended, server stopped, folder removed');

async function end(): Promise<void> {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
