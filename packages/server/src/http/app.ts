import type { ServerResponse } from 'node:http';
import type { AgentCatalog } from '@parleyhq/agents';
import { ServiceError, wellFormedJson } from '@parleyhq/contract';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Credentials } from '../auth/credentials.js';
import type { ForwardedReader, ForwardedRequest } from '../auth/forwarded.js';
import type { HostPolicy } from '../auth/hosts.js';
import { credentialOf, type Principal } from '../auth/principal.js';
import type { ByteBudget } from '../byte-budget.js';
import { type Answer, createRoutes, type Handlers } from '../gen/handlers.js';
import type { OperationId, Route } from '../gen/routes.js';
import type { SessionHost } from '../host/session-host.js';
import type { CheckedLimits } from '../limits.js';
import type { Audit } from '../observe/audit.js';
import { audited, auditRefusal } from './audit-request.js';
import type { Account, Anyone } from './caller.js';
import { problemOf } from './check-answer.js';
import { checkHead } from './check-head.js';
import { checkQuery } from './check-query.js';
import { checkScope } from './check-scope.js';
import { answeredEarly } from './client-error.js';
import { createErrorHandler } from './errors.js';
import { type AtOnce, createFairQueue } from './fair-queue.js';
import { findPath } from './find-route.js';
import { answerPreflight, checkHostAndOrigin, setCorsHeaders } from './headers.js';
import { createIncoming } from './incoming.js';
import { loggedPath } from './logged-path.js';
import { RawJson } from './raw-json.js';
import { readBody } from './read-body.js';
import { contextOf, type RequestContext } from './request-context.js';
import { createRequestCount } from './request-count.js';
import { securityHeaders } from './security-headers.js';
import { createUnreadAnswers, type UnreadLimits } from './unread-answers.js';
import { validateRequest } from './validator.js';

/** The options of the HTTP application. */
export interface AppOptions {
  readonly handlers: Handlers<Account, Anyone>;
  readonly credentials: Credentials;
  readonly hosts: HostPolicy;
  readonly sessions: SessionHost;
  readonly agents: Pick<AgentCatalog, 'get'>;
  /** The URL at which clients reach the server; undefined if it is the Host of each request. */
  readonly publicUrl: URL | undefined;
  readonly readForwarded: ForwardedReader;
  readonly limits: Pick<
    CheckedLimits,
    'maxBodyBytes' | 'maxPublicBodyBytes' | 'maxUrlBytes' | 'maxHeaderCount' | 'maxRequestsPerCredential'
  > &
    UnreadLimits;
  /** The bytes of bodies that clients have sent and that are not answered yet. */
  readonly incoming: ByteBudget;
  readonly audit: Audit;
  readonly logger: Logger;
}

/** The operations that read much: a few are done at a time, and clients take turns. A patch may take git half a minute. */
const HEAVY: { readonly [Id in OperationId]?: AtOnce } = {
  getHistory: { inAll: 2, each: 1 },
  getPatch: { inAll: 16, each: 2 },
};

/**
 * Creates the REST side of the contract. The checks run in the order of the contract: host and origin, 401, 404, 413 and 415,
 * 400, then those of the handler. No body is read before the credential has been accepted.
 */
export function createApp(options: AppOptions): Express {
  const { handlers, credentials, hosts, sessions, agents, publicUrl, readForwarded, limits, incoming, audit, logger } =
    options;
  const unread = createUnreadAnswers(limits);
  const requests = createRequestCount(limits.maxRequestsPerCredential);
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('strict routing').enable('case sensitive routing');
  app.set('query parser', 'simple');

  const enter = (request: Request, response: Response, next: NextFunction) => {
    const forwarded = readForwarded(request);
    const context = contextOf(request);
    context.forwarded = forwarded;
    logWhenDone(request, response, logger);
    const common = Object.entries(securityHeaders(context.requestId, forwarded));
    for (const [name, value] of common) response.setHeader(name, value);
    checkHead(request, limits);
    checkHostAndOrigin(request, forwarded, hosts);
    setCorsHeaders(request, response, forwarded, hosts);
    if (!answerPreflight(request, response)) next();
  };

  const admit = async (request: Request, response: Response, next: NextFunction) => {
    const context = contextOf(request);
    const found = findPath(request.originalUrl.split('?', 1)[0] ?? '');
    const isPublic = [...found.values()].some(({ route }) => !route.secured);
    context.principal = authenticate(credentials, request, forwardedOf(context), isPublic);
    context.found = found.get(request.method.toLowerCase()) ?? refuse(request, response, [...found.keys()]);
    const { route, path } = context.found;
    const credential = credentialOf(context.principal);
    if (context.principal !== undefined) requests.add(response, credential);
    if (route.secured) checkScope(context.principal, route);
    if (path.session_id !== undefined) sessions.get({ account: context.principal?.account ?? '' }, path.session_id);
    if (path.agent !== undefined && agents.get(path.agent) === undefined) {
      throw new ServiceError('NotFound', 'No agent of this name.');
    }
    const { maxBodyBytes, maxPublicBodyBytes } = limits;
    // Without this: holds bodies of anybody
    const maxBytes = route.secured ? maxBodyBytes : Math.min(maxBodyBytes, maxPublicBodyBytes);
    const body = createIncoming(incoming, credential);
    response.once('close', body.end);
    request.body = await readBody(request, response, route, maxBytes, body);
    checkQuery(request.originalUrl);
    canonicaliseHeaders(request, route);
    next();
  };

  const routes = createRoutes(handlers, (route, handle): RequestHandler => {
    const atOnce = HEAVY[route.operationId];
    const queue = atOnce && createFairQueue(atOnce);
    return async (request, response) => {
      const context = contextOf(request);
      const { principal, found, requestId } = context;
      const { protocol, host, ip } = forwardedOf(context);
      const baseUrl = publicUrl ? publicUrl.href.replace(/\/$/, '') : `${protocol}://${host}`;
      const { query, headers, socket } = request;
      const body = wellFormed(request.body);
      const path = found?.path ?? {};
      const places = { sessionId: path.session_id, agent: path.agent };
      const command = { operation: route.operationId, requestId, ip, principal, ...places, body };
      const purge = 'purge' in query && String(query.purge) === 'true';
      const credential = credentialOf(principal);
      const handleNow = () => handle({ path, query, headers, body, principal, baseUrl, socket });
      const handleInTurn = async () => {
        // It may have waited for a while.
        if (response.destroyed) throw new ServiceError('Unavailable', 'The client has left.');
        unread.check(credential);
        return handleNow();
      };
      const run = queue ? () => queue.run(credential, handleInTurn) : handleNow;
      const answer = await audited(audit, { ...command, purge }, run, (result: Answer) => result.body);
      const problem = problemOf(route, answer);
      if (problem !== undefined) throw new Error(`The answer of ${route.operationId} is undocumented: ${problem}`);
      const text = textOf(answer.body);
      if (route.method === 'get') unread.add(response, text?.length ?? 0, credential);
      send(answer, text, response);
    };
  });

  const dispatch: RequestHandler = (request, response, next) => {
    const { found } = contextOf(request);
    return found && routes[found.route.operationId](request, response, next);
  };

  app.use(enter, admit, validateRequest, dispatch);
  app.use(
    createErrorHandler(logger, (request, error) => {
      const { requestId, found, principal, forwarded } = contextOf(request);
      const known = { operation: found?.route.operationId, sessionId: found?.path.session_id };
      auditRefusal(audit, error, { requestId, principal, ip: forwarded?.ip ?? '', ...known });
    }),
  );
  return app;
}

// For a public operation, a wrong credential counts as no credential.
function authenticate(
  credentials: Credentials,
  { headers }: Request,
  forwarded: ForwardedRequest,
  isPublic: boolean,
): Principal | undefined {
  try {
    return credentials.authenticate(headers, forwarded);
  } catch (error) {
    if (isPublic && error instanceof ServiceError) return undefined;
    throw error;
  }
}

function forwardedOf({ forwarded }: RequestContext): ForwardedRequest {
  if (!forwarded) throw new Error('expected the request to have passed `enter`');
  return forwarded;
}

function refuse(request: Request, response: ServerResponse, methods: readonly string[]): never {
  if (methods.length === 0) throw new ServiceError('NotFound', 'No such path.');
  const allow = methods.map((method) => method.toUpperCase()).join(', ');
  response.setHeader('Allow', allow);
  throw new ServiceError('MethodNotAllowed', `Expected ${allow.replaceAll(', ', ' or ')}, got ${request.method}.`);
}

/**
 * Normalises headers. The validator caches a compiled validator for each Content-Type, even of requests without a body, so a
 * client must not be able to send ever new ones. Conditional headers are removed: the contract has no answer 304.
 */
function canonicaliseHeaders({ headers, body }: Request, { bodies, bodyRequired }: Route): void {
  const mediaType = bodyRequired || body !== undefined ? bodies[0] : undefined;
  if (mediaType === undefined) delete headers['content-type'];
  else headers['content-type'] = mediaType;
  delete headers['if-none-match'];
  delete headers['if-modified-since'];
}

/** A body that has been checked, with U+FFFD in place of halves of characters and of NUL. */
function wellFormed(body: unknown): unknown {
  // Without this: takes half a character of a request
  return body === undefined ? undefined : JSON.parse(wellFormedJson(JSON.stringify(body)));
}

function textOf(body: Answer['body']): string | undefined {
  if (body instanceof RawJson) return body.text;
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}

function send({ status, body, headers = {} }: Answer, text: string | undefined, response: Response): void {
  response.status(status);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  // The only answers of the contract that are plain text are the two YAML documents.
  const type = typeof body === 'string' ? 'application/yaml' : 'application/json';
  if (text === undefined) response.end();
  else response.setHeader('Content-Type', `${type}; charset=utf-8`).end(text);
}

// Headers, query and body are not logged: they may contain secrets.
function logWhenDone(request: Request, response: Response, logger: Logger): void {
  response.on('prefinish', () => {
    if (!request.complete) answeredEarly(request);
  });
  response.on('close', () => {
    const { requestId, found, principal, startedAt, forwarded } = contextOf(request);
    const line = {
      request_id: requestId,
      ip: forwarded?.ip,
      method: request.method,
      path: loggedPath(request.originalUrl),
      operation: found?.route.operationId,
      account: principal?.account,
      status: response.statusCode,
      code: response.locals.code,
      finished: response.writableFinished,
      ms: Math.round(performance.now() - startedAt),
    };
    if (found?.route.operationId === 'getHealth') logger.debug(line, 'request');
    else logger.info(line, 'request');
  });
}
