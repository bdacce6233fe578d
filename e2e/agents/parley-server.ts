import { EventEmitter, once } from 'node:events';
import { delimiter, join } from 'node:path';
import { type Address, type Served, type ServeOptions, serve, untilListening } from '../shared/serve.js';

/** A running `parley serve`. */
export interface ParleyServer extends Served, Address {
  /** Resolves when its log says a text. */
  said(text: string): Promise<void>;
}

/** The folders and settings of the server. */
export interface ParleyServerOptions extends Pick<ServeOptions, 'root' | 'dataDir' | 'args'> {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts the real command on a free port. Its environment has only the variables that are given here, so that no key,
 * proxy or setting of the machine reaches an agent. The agents of this folder are on its PATH.
 */
export async function startParley({ home, env, ...options }: ParleyServerOptions): Promise<ParleyServer> {
  const path = [join(import.meta.dirname, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const log = new EventEmitter();
  const server = await serve({
    ...options,
    cwd: home,
    // The first start of some agents, in a new home, takes longer than the default where other suites run beside this one.
    config: { limits: { agent_start_timeout_ms: 180_000 } },
    // With NODE_OPTIONS the server's sockets may be recorded.
    env: { PATH: path, HOME: home, NODE_OPTIONS: process.env.NODE_OPTIONS, ...env },
    stderr: () => log.emit('more'),
  });
  return {
    ...server,
    ...(await untilListening(server)),
    async said(text) {
      while (!server.output().includes(text)) await once(log, 'more');
    },
  };
}
