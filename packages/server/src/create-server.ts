import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type AgentCatalog, reapAgents } from '@parleyhq/agents';
import { pino } from 'pino';
import { openAccessToken } from './auth/access-token.js';
import { createCredentials } from './auth/credentials.js';
import { createFailureLimit } from './auth/failure-limit.js';
import { createHostPolicy } from './auth/hosts.js';
import { openLogins } from './auth/logins.js';
import { tokenFolderOf } from './auth/token-folder.js';
import { openTokens } from './auth/tokens.js';
import { checkOptions } from './check-options.js';
import { openDataDirectory } from './files/data-directory.js';
import { removeServerFile, writeServerFile } from './files/server-file.js';
import { createSessionHost } from './host/create-session-host.js';
import { createApp } from './http/app.js';
import { answerClientError } from './http/client-error.js';
import { createHandlers } from './http/handlers/index.js';
import { openHttp } from './http/open-http.js';
import { closeServer, listenAt, type ServerAddress } from './listen.js';
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
  /** Where it listens; undefined before. */
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
  /** What works and should rather be otherwise, in sentences for people. */
  readonly warnings: readonly string[];
  /**
   * Drains: takes no new work (503), closes the sockets (1001), ends the agents, and resolves when the log has
   * everything and the data directory is free. Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

const { version }: { version: string } = createRequire(import.meta.url)('@parleyhq/server/package.json');

/** Milliseconds that requests have to end once the agents have. */
const CLOSE_GRACE = 2_000;

/**
 * Opens a server: which log and which agents it has is decided here and nowhere else. Sessions of the log are taken up
 * again before this resolves; nothing is served before `listen`.
 *
 * @throws OptionError for an option that makes no sense, DataDirectoryInUse if another server has the data directory.
 */
export async function createServer(options: ServerOptions): Promise<ParleyServer> {
  const checked = await checkOptions(options);
  const { host, port, roots, publicUrl, agents, defaultAgent, limits, viewFromOutside, warnings } = checked;
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
    // What a server that was killed has left must lead nobody to whoever listens there now.
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
    closers.push(() => closeServer(server, CLOSE_GRACE));
    const tokens = openTokens({ folder: tokenFolderOf(directory.path), logger });
    closers.push(async () => tokens.close());
    const logins = await openLogins({
      ...{ store: log.store, tokens },
      lifetimeMs: limits.loginLifetimeMs,
      limit: limits.maxLogins,
    });
    const sessions = await createSessionHost({
      ...{ log, agents, defaultAgent, roots, logger, env, agentRegistry },
      folder: join(directory.path, 'sessions'),
      dataDir: await realpath(directory.path),
      secrets: [token],
      limits,
      maxApprovalPolicy: options.maxApprovalPolicy,
    });
    const hosts = createHostPolicy({ ...checked, bindHost: host });
    const credentials = createCredentials({ accessToken: token, tokens, logins, hosts });
    const sockets = createWebSocketServer({
      admit: (request) => admitSocket(request, { hosts, credentials, sessions, viewFromOutside, limits, audit }),
      onError: (error) => logger.error({ err: error }, 'socket failed'),
      answerHeaders: (request, refusal) => answerHandshake(request, refusal, { audit, logger }),
      ...limits,
      limits: {
        max_frame_bytes: limits.maxFrameBytes,
        max_bad_frames: limits.maxBadFrames,
        max_frames_per_second: limits.maxFramesPerSecond,
      },
    });
    closers.push(async () => void (await Promise.all([sockets.drain(), sessions.drain()])));
    logins.onEnd((loginId) => sockets.endCredential(loginId));
    tokens.onEnd((tokenId) => {
      sockets.endCredential(tokenId);
      logins.endOf(tokenId).catch((err) => logger.error({ err }, 'could not forget the logins of a token'));
    });
    const handlers = createHandlers({
      ...{ sessions, agents, defaultAgent, credentials, logins, version, startedAt, limits },
      failedLogins: createFailureLimit({ failures: limits.maxFailedLoginsPerMinute }),
      checkCapacity: (sessionId, account) => sockets.checkCapacity(sessionId, account),
      isDraining: () => draining,
    });
    const app = createApp({
      ...{ handlers, credentials, hosts, sessions, publicUrl, viewFromOutside, limits, audit, logger },
    });

    // A request that asks before it sends its body gets no `100 Continue` before its headers have been checked. What else
    // it may expect is no reason to refuse it, as Node would with an answer that the contract does not know.
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
        closers.push(() => removeServerFile(directory.path));
        await writeServerFile(directory.path, { url: address.url, pid: process.pid, token_path: tokenPath });
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
