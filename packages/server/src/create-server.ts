import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type AgentCatalog, processStartTime, reapAgents } from '@parleyhq/agents';
import { pino } from 'pino';
import { openAccessToken } from './auth/access-token.js';
import { createCredentials } from './auth/credentials.js';
import { createFailureLimit } from './auth/failure-limit.js';
import { createHostPolicy } from './auth/hosts.js';
import { openLogins } from './auth/logins.js';
import { tokenFolderOf } from './auth/token-folder.js';
import { openTokens } from './auth/tokens.js';
import { createByteBudget } from './byte-budget.js';
import { checkOptions } from './check-options.js';
import { openDataDirectory } from './files/data-directory.js';
import { removeServerFile, writeServerFile } from './files/server-file.js';
import { createAgentLogins } from './host/agent-logins.js';
import { createSessionHost } from './host/create-session-host.js';
import { createMcpServers } from './host/mcp-servers.js';
import { createApp } from './http/app.js';
import { answerClientError } from './http/client-error.js';
import { createHandlers } from './http/handlers/index.js';
import { openHttp } from './http/open-http.js';
import { closeServer, connectionsOf, listenAt, type ServerAddress } from './listen.js';
import { openSqliteEventLog } from './log/sqlite/sqlite-event-log.js';
import { openAudit } from './observe/audit.js';
import type { ServerOptions } from './options.js';
import { admitSocket } from './socket/admit-socket.js';
import { answerHandshake } from './socket/answer-handshake.js';
import { ignoreUpgrade, isToWebSocket } from './socket/ignore-upgrade.js';
import { createWebSocketServer } from './socket/web-socket-server.js';

/** A Parley server. */
export interface ParleyServer {
  /**
   * Starts to listen.
   *
   * @throws Error with Node's code, such as `EADDRINUSE`.
   */
  listen(): Promise<ServerAddress>;
  /** The address at which it listens; undefined before `listen`. */
  readonly address: ServerAddress | undefined;
  /** The owner's access token: a secret. */
  readonly token: string;
  /** The file that holds the token. */
  readonly tokenPath: string;
  /** The folder of all its state, absolute. */
  readonly dataDir: string;
  /** The folders that sessions may work in. */
  readonly roots: readonly string[];
  readonly agents: AgentCatalog;
  readonly defaultAgent: string;
  /** Warnings about settings that work but are not advisable, in sentences for people. */
  readonly warnings: readonly string[];
  /**
   * Drains: refuses new work (503), closes the sockets (1001), ends the agents, and resolves when the log has everything and the
   * data directory is unlocked. A second call waits for the same end.
   */
  close(): Promise<void>;
}

const { version }: { version: string } = createRequire(import.meta.url)('@parleyhq/server/package.json');

/** Milliseconds that requests may take to end after the agents have ended. */
const CLOSE_GRACE = 2_000;

/**
 * Opens a server. Only this function decides which log and which agents it uses. The sessions of the log are restored before
 * this resolves. Nothing is served before `listen`.
 *
 * @throws OptionError for an invalid option, DataDirectoryInUse if another server uses the data directory.
 */
export async function createServer(options: ServerOptions): Promise<ParleyServer> {
  const checked = await checkOptions(options);
  const { host, port, roots, publicUrl, agents, defaultAgent, limits, readForwarded, warnings } = checked;
  const { env, logger = pino({ level: 'silent' }) } = options;
  const startedAt = performance.now();
  const directory = await openDataDirectory(options.dataDir);
  let draining = false;
  const closers: (() => Promise<void>)[] = [() => directory.release()];
  const close = async () => {
    draining = true;
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error) => logger.error({ err: error }, 'could not close'));
    }
  };

  try {
    const { maxAuditedRefusalsPerMinute: maxRefusalsPerMinute } = limits;
    const audit = openAudit({ logger, file: options.auditLog, maxRefusalsPerMinute });
    closers.push(async () => audit.close());
    // A killed server may have left the file. It must not lead clients to another program at the same address.
    await removeServerFile(directory.path);
    const { token, path: tokenPath } = await openAccessToken(directory.path);
    const agentRegistry = join(directory.path, 'agents');
    await reapAgents(agentRegistry);
    const log = await openSqliteEventLog({
      path: join(directory.path, 'parley.db'),
      onThreadLost: (err) => logger.error({ err }, 'the log is opened again'),
    });
    closers.push(() => log.close());
    const server = openHttp(checked.tls, limits);
    const connections = connectionsOf(server);
    closers.push(() => closeServer(server, connections, CLOSE_GRACE));
    const tokens = openTokens({ folder: tokenFolderOf(directory.path), logger });
    closers.push(async () => tokens.close());
    const logins = await openLogins({
      ...{ store: log.store, tokens },
      lifetimeMs: limits.loginLifetimeMs,
      limit: limits.maxLogins,
    });
    const mcpServers = createMcpServers(join(directory.path, 'mcp-servers'), options);
    const dataDir = await realpath(directory.path);
    const secrets = [token];
    const agentLogins = createAgentLogins({ agents, env, agentRegistry, secrets, dataDir, limits });
    const sessions = await createSessionHost({
      ...{ log, mcpServers, agents, defaultAgent, roots, logger, env, agentRegistry, secrets, dataDir },
      folder: join(directory.path, 'sessions'),
      onLoginMethods: agentLogins.remember,
      limits,
      maxApprovalPolicy: options.maxApprovalPolicy,
      approvalRules: options.approvalRules,
    });
    const incoming = createByteBudget({
      inAll: limits.maxIncomingBytes,
      each: limits.maxIncomingBytesPerCredential,
    });
    const hosts = createHostPolicy({ ...checked, bindHost: host });
    const credentials = createCredentials({ accessToken: token, tokens, logins, hosts });
    const sockets = createWebSocketServer({
      admit: (request) => admitSocket(request, { hosts, credentials, sessions, readForwarded, limits, audit }),
      onError: (error) => logger.error({ err: error }, 'socket failed'),
      answerHeaders: (request, refusal) => answerHandshake(request, refusal, { audit, logger }),
      incoming,
      limits,
    });
    // All at once: what is refused while the server drains is refused from the moment of `close`.
    closers.push(async () => {
      await Promise.all([sockets.drain(), sessions.drain(), agentLogins.drain(), removeServerFile(directory.path)]);
    });
    logins.onEnd((loginId) => sockets.endCredential(loginId));
    tokens.onEnd((tokenId) => {
      sockets.endCredential(tokenId);
      logins.endOf(tokenId).catch((err) => logger.error({ err }, 'could not forget the logins of a token'));
    });
    const handlers = createHandlers({
      ...{ sessions, agents, agentLogins, defaultAgent, credentials, logins, version, startedAt, limits },
      mcpServers: mcpServers.offered,
      accessToken: token,
      failedLogins: createFailureLimit({ failures: limits.maxFailedLoginsPerMinute }),
      checkCapacity: (sessionId, account) => sockets.checkCapacity(sessionId, account),
      isDraining: () => draining,
    });
    const app = createApp({
      ...{ handlers, credentials, hosts, sessions, agents, publicUrl, readForwarded, limits, incoming, audit, logger },
    });

    // A request with `Expect: 100-continue` gets its `100 Continue` only after its headers have been checked. Other values of
    // Expect are ignored: Node would refuse them with an answer that is not in the contract.
    server.on('request', app).on('checkContinue', app).on('checkExpectation', app);
    server.on('clientError', answerClientError).on('upgrade', (request, socket, head) => {
      if (isToWebSocket(request)) sockets.handleUpgrade(request, socket, head);
      else ignoreUpgrade(server, request, socket, head);
    });

    let address: ServerAddress | undefined;
    let closing: Promise<void> | undefined;
    return {
      ...{ token, tokenPath, roots, agents, defaultAgent, warnings, dataDir: directory.path },
      get address() {
        return address;
      },

      async listen() {
        address = await listenAt(server, host, port);
        for (const warning of warnings) logger.warn(warning);
        const { pid } = process;
        const started = await processStartTime(pid);
        await writeServerFile(directory.path, { url: address.url, pid, started, token_path: tokenPath });
        return address;
      },

      close() {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
