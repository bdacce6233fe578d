import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '@parleyhq/server';

/** A running server, and a folder for its sessions. */
export interface RunningServer {
  readonly url: string;
  readonly token: string;
  readonly cwd: string;
  close(): Promise<void>;
}

/** Starts a real server. Its demo agent runs in the same process: this is fast, but no scenario may crash it. */
export async function startServer(): Promise<RunningServer> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-conformance-')));
  const server = await createServer({
    dataDir: join(folder, 'data'),
    port: 0,
    roots: [join(folder)],
    agents: [{ name: 'demo', in_memory: true }],
  });
  const { url } = await server.listen();
  return {
    url,
    token: server.token,
    cwd: join(folder, 'work'),
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
