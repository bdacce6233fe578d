import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAgentCatalog } from '@parleyhq/agents';
import { createLogger } from '@parleyhq/server';
import express from 'express';
import { createCredentials } from '../../packages/server/dist/auth/credentials.js';
import { createHostPolicy } from '../../packages/server/dist/auth/hosts.js';
import { openLogins } from '../../packages/server/dist/auth/logins.js';
import { openTokens } from '../../packages/server/dist/auth/tokens.js';
import { createSessionHost } from '../../packages/server/dist/host/create-session-host.js';
import { createMcpServers } from '../../packages/server/dist/host/mcp-servers.js';
import { checkLimits } from '../../packages/server/dist/limits.js';
import { openSqliteEventLog } from '../../packages/server/dist/log/sqlite/sqlite-event-log.js';
import { answerCalls } from '../process.mjs';

// An Express server that does not validate anything: the same authentication, one log line for each request, and below
// it the same sessions and the same durable log as in Parley.

const [folder = ''] = process.argv.slice(2);
const account = 'owner';
const token = randomUUID();
const logger = createLogger('info');
const limits = checkLimits();
const log = await openSqliteEventLog({ path: join(folder, 'express.db') });
const sessions = await createSessionHost({
  ...{ log, logger, agents: createAgentCatalog(), defaultAgent: 'demo', roots: [folder] },
  ...{ folder: join(folder, 'express-sessions'), agentRegistry: join(folder, 'express-agents') },
  dataDir: join(folder, 'express-sessions'),
  mcpServers: createMcpServers(join(folder, 'express-mcp-servers'), {}),
  limits,
});
const tokens = openTokens({ folder: join(folder, 'express-tokens'), logger });
const credentials = createCredentials({
  accessToken: token,
  tokens,
  logins: await openLogins({ store: log.store, tokens, lifetimeMs: limits.loginLifetimeMs, limit: limits.maxLogins }),
  hosts: createHostPolicy({ bindHost: '127.0.0.1', allowHosts: [], allowOrigins: [] }),
});

const app = express();
app.disable('x-powered-by').disable('etag');
app.use((request, response, next) => {
  const [requestId, startedAt] = [randomUUID(), Date.now()];
  const { method, originalUrl: path } = request;
  response.on('close', () => {
    const { statusCode: status } = response;
    const { principal } = response.locals;
    const line = { request_id: requestId, method, path, account: principal?.account, status };
    logger.info({ ...line, ms: Date.now() - startedAt }, 'request');
  });
  response.locals.principal = credentials.authenticate(request.headers, {
    ...{ protocol: 'http', host: request.headers.host, ip: request.socket.remoteAddress ?? '' },
  });
  next();
});
app.use(express.json());

app.post('/api/sessions', async (request, response) => {
  response.status(201).json(toSession(request, await sessions.create({ account }, request.body)));
});
app.get('/api/sessions/:id', (request, response) => {
  response.json(toSession(request, sessions.get({ account: response.locals.principal.account }, request.params.id)));
});
app.post('/api/sessions/:id/submit', async (request, response) => {
  const caller = { account: response.locals.principal.account };
  const { answer } = await sessions.submit(caller, request.params.id, request.body);
  response.json(answer);
});

const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

answerCalls({ address: () => ({ url: `http://127.0.0.1:${port}`, token }) }, async () => {
  await sessions.drain();
  await log.close();
});

/**
 * @param {express.Request} request
 * @param {import('../../packages/server/dist/host/session-host.js').SessionState} state
 */
function toSession(request, { session_id, ...state }) {
  const http_url = `http://${request.headers.host}/api/sessions/${session_id}`;
  return { session_id, ws_url: `${http_url.replace(/^http/, 'ws')}/events`, http_url, ...state };
}
