import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, type Served, serve, untilListening } from '../shared/serve.js';

/** A running `parley serve`, with the demo agent and an empty project. */
export interface ParleyServer extends Served, Address {
  /** The folder of the project, inside its only root. */
  readonly project: string;
}

/** Starts the real command on a free port, with everything that it keeps in `folder`. */
export async function startParley(options: { folder: string; allowOrigin: string }): Promise<ParleyServer> {
  const project = join(options.folder, 'project');
  await mkdir(project);
  const server = await serve({
    ...{ root: project, dataDir: join(options.folder, 'data'), stderr: 'keep' },
    args: ['--agent', 'demo', '--allow-origin', options.allowOrigin],
    // With NODE_OPTIONS the server's sockets may be recorded.
    env: { NODE_OPTIONS: process.env.NODE_OPTIONS },
  });
  return { ...server, ...(await untilListening(server)), project };
}
