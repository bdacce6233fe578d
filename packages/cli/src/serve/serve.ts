import {
  createLogger,
  createServer,
  DataDirectoryInUse,
  OptionError,
  type ParleyServer,
  type ServerOptions,
} from '@parleyhq/server';
import { EXIT, ExitError } from '../exit-error.js';
import { describeServer } from './banner.js';
import type { ConfigFile } from './config-file.js';

/** The options of a server, merged from the command line, the environment and the file. */
export type ServeOptions = ConfigFile & { readonly dataDir: string };

/** What an operator says of a server: a new option does not compile before it has its flag, and is passed on. */
type OperatorOption = Exclude<keyof ServerOptions, 'logger' | 'env'>;

/** Where each is said, for errors. */
const FLAGS: Readonly<Record<OperatorOption, string>> = {
  host: '--host',
  port: '--port',
  dataDir: '--data-dir',
  roots: '--root',
  defaultAgent: '--agent',
  recordDir: '--record',
  publicUrl: '--public-url',
  tlsCert: '--tls-cert',
  tlsKey: '--tls-key',
  trustProxy: '--trust-proxy',
  auditLog: '--audit-log',
  limits: 'limits (in the file of --config)',
  allowHosts: '--allow-host',
  allowOrigins: '--allow-origin',
  maxApprovalPolicy: '--approval-policy',
  approvalRules: 'approval_rules (in the file of --config)',
  agents: 'agents, agent_wrapper (in the file of --config)',
  agentWrapper: 'agent_wrapper (in the file of --config)',
  mcpServers: 'mcp_servers (in the file of --config)',
  mcpHosts: 'mcp_hosts (in the file of --config)',
};

/**
 * Runs a server until a signal ends it.
 *
 * @throws ExitError if it cannot start.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const logger = createLogger(options.logLevel ?? 'info');
  const { host, port, dataDir, root: roots, agent: defaultAgent, publicUrl, agents, limits } = options;
  const { tlsCert, tlsKey, trustProxy, auditLog } = options;
  const { allowHost: allowHosts, allowOrigin: allowOrigins, approvalPolicy: maxApprovalPolicy } = options;
  const told = {
    ...{ host, port, dataDir, roots, defaultAgent, publicUrl, allowHosts, allowOrigins, agents, limits },
    ...{
      maxApprovalPolicy,
      approvalRules: options.approvalRules,
      recordDir: options.record,
      agentWrapper: options.agentWrapper,
    },
    ...{ tlsCert, tlsKey, trustProxy, auditLog, mcpServers: options.mcpServers, mcpHosts: options.mcpHosts },
  } satisfies Readonly<Record<OperatorOption, unknown>>;
  const server = await explain(options, () => createServer({ ...told, logger }));
  const ended = drainOnSignal(server, (signal) => logger.info({ signal }, 'draining'));
  try {
    const { url } = await explain(options, () => server.listen());
    process.stdout.write(await describeServer(server, url, { showToken: process.stdout.isTTY === true }));
    logger.info({ url, data_dir: server.dataDir, pid: process.pid }, 'listening');
  } catch (error) {
    await server.close();
    throw error;
  }
  await ended;
  logger.info('drained');
}

function drainOnSignal(server: ParleyServer, draining: (signal: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let signals = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      signals += 1;
      if (signals > 1) process.exit(EXIT.failed);
      draining(signal);
      server.close().then(resolve, reject);
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

/** Turns errors of a start into a message and an exit code. */
async function explain<T>({ host = '127.0.0.1', port = 8080 }: ServeOptions, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof OptionError) {
      const flags: Readonly<Record<string, string>> = FLAGS;
      throw new ExitError(EXIT.usage, `${flags[error.option] ?? error.option}: ${error.message}`);
    }
    if (error instanceof DataDirectoryInUse)
      throw new ExitError(EXIT.dataDirectoryInUse, `--data-dir: ${error.message}`);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new ExitError(
        EXIT.addressInUse,
        `--port: ${port} at ${host} is in use by another program; choose another port, or 0 for any free one`,
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new ExitError(EXIT.addressInUse, `--host, --port: cannot listen at ${host}:${port} (${code})`);
    }
    throw error;
  }
}
