import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, OptionError, type ServerOptions } from '@parleyhq/server';
import { EXIT, ExitError } from '../exit-error.js';

/** A server inside this process, for one run. */
export interface PrivateServer {
  readonly baseUrl: string;
  readonly token: string;
  /** Ends its agents and removes all its state. */
  close(): Promise<void>;
}

/**
 * Starts a server on a free port with a temporary data directory, so that it does not collide with another one. It is
 * reached like any other: over HTTP and a socket, with its token.
 *
 * @throws ExitError if the agent or the folder does not exist.
 */
export async function startPrivateServer(
  folders: readonly string[],
  options: Pick<ServerOptions, 'agents' | 'agentWrapper' | 'approvalRules' | 'limits' | 'mcpServers' | 'mcpHosts'>,
): Promise<PrivateServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-run-'));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await createServer({ ...options, dataDir, port: 0, roots: folders });
    const close = async () => {
      await server.close();
      await remove();
    };
    try {
      const { url } = await server.listen();
      return { baseUrl: url, token: server.token, close };
    } catch (error) {
      await server.close();
      throw error;
    }
  } catch (error) {
    await remove();
    if (!(error instanceof OptionError)) throw error;
    const isCwd = error.message.endsWith(folders[0] ?? '');
    const option = error.option === 'roots' ? (isCwd ? '--cwd' : '--add-dir') : error.option;
    throw new ExitError(EXIT.usage, `${option}: ${error.message}`);
  }
}
