import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createServer } from '../src/create-server.js';
import { createLogger } from '../src/observe/create-logger.js';
import type { ServerOptions } from '../src/options.js';
import { request, type Sent } from './request.js';

/** A folder of its own for one test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A real server on a port of its own, with its data and one project in a temporary folder. Its demo agent runs in this process
 * unless `options` say otherwise.
 */
export async function startServer(options: Partial<ServerOptions> = {}) {
  const folder = await temporaryFolder();
  const project = join(folder, 'project');
  await mkdir(project);
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void lines.push(line) });
  const server = await createServer({
    ...{ dataDir: join(folder, 'data'), roots: [project], port: 0, logger },
    agents: [{ name: 'demo', in_memory: true }],
    ...options,
  });
  const { url } = await server.listen();
  onTestFinished(() => server.close());
  const bearer = { authorization: `Bearer ${server.token}` };
  return {
    ...{ folder, project, lines, server, url, bearer },
    token: server.token,
    /** Sends a request with the owner's token; `headers` may replace it. */
    send: (method: string, path: string, { headers, ...sent }: Sent = {}) =>
      request(url, method, path, { ...sent, headers: { ...bearer, ...headers } }),
    /** Sends a request as it is. */
    sendAs: (headers: Sent['headers'], method: string, path: string, body?: unknown) =>
      request(url, method, path, { headers, body }),
    /** Creates a session in the project and gives its path. */
    async createSession() {
      const { body } = await request(url, 'POST', '/api/sessions', { headers: bearer, body: { cwd: project } });
      return `/api/sessions/${body.session_id}`;
    },
  };
}
