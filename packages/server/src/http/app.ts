import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Credentials } from '../auth/credentials.js';
import type { HostPolicy } from '../auth/hosts.js';
import type { Principal } from '../auth/principal.js';
import { type Answer, createRoutes, type Handlers } from '../gen/handlers.js';
import type { Route } from '../gen/routes.js';
import type { SessionHost } from '../sessions/session-host.js';
import { problemOf } from './check-answer.js';
import { createErrorHandler } from './errors.js';
import { findPath } from './find-route.js';
import type { Account, Anyone } from './handlers/index.js';
import { answerPreflight, checkHostAndOrigin, setCommonHeaders, setCorsHeaders } from './headers.js';
import { loggedPath } from './logged-path.js';
import { RawJson } from './raw-json.js';
import { readBody } from './read-body.js';
import { contextOf } from './request-context.js';
import { createValidator } from './validator.js';

/** What the HTTP side is made of. */
export interface AppOptions {
  readonly handlers: Handlers<Account, Anyone>;
  readonly credentials: Credentials;
  readonly hosts: HostPolicy;
  readonly sessions: SessionHost;
  /** Where clients reach the server, if not at the Host that they name. */
  readonly publicUrl: URL | undefined;
  readonly logger: Logger;
}

/**
 * The REST side of the contract. The checks come in the order of the contract: host and origin, 401, 404, 413 and 415,
 * 400, then the handler's; no body is read before the credential is good.
 */
export async function createApp(options: AppOptions): Promise<Express> {
  const { handlers, credentials, hosts, sessions, publicUrl, logger } = options;
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('strict routing').enable('case sensitive routing');
  app.set('query parser', 'simple');

  const enter = (request: Request, response: Response, next: NextFunction) => {
    logWhenDone(request, response, logger);
    setCommonHeaders(response, contextOf(request).requestId);
    checkHostAndOrigin(request, hosts);
    setCorsHeaders(request, response, hosts);
    if (!answerPreflight(request, response)) next();
  };

  const admit = async (request: Request, response: Response, next: NextFunction) => {
    const context = contextOf(request);
    const found = findPath(request.originalUrl.split('?', 1)[0] ?? '');
    const isPublic = [...found.values()].some(({ route }) => !route.secured);
    context.principal = authenticate(credentials, request.headers, isPublic);
    context.found = found.get(request.method.toLowerCase()) ?? refuse(request, response, [...found.keys()]);
    const { route, path } = context.found;
    if (route.secured) checkScope(context.principal, route);
    if (path.session_id !== undefined) sessions.get({ account: context.principal?.account ?? '' }, path.session_id);
    request.body = await readBody(request, response, route);
    canonicaliseHeaders(request, route);
    next();
  };

  const routes = createRoutes(
    handlers,
    (route, handle): RequestHandler =>
      async (request, response) => {
        const { principal, found } = contextOf(request);
        const baseUrl = publicUrl ? publicUrl.href.replace(/\/$/, '') : `http://${request.headers.host}`;
        const { query, headers, body } = request;
        const answer = await handle({ path: found?.path ?? {}, query, headers, body, principal, baseUrl });
        const problem = problemOf(route, answer);
        if (problem !== undefined) throw new Error(`The answer of ${route.operationId} is undocumented: ${problem}`);
        send(answer, response);
      },
  );

  const dispatch: RequestHandler = (request, response, next) => {
    const { found } = contextOf(request);
    return found && routes[found.route.operationId](request, response, next);
  };

  app.use(enter, admit, await createValidator(app), dispatch);
  app.use(createErrorHandler(logger));
  return app;
}

// Where no credential is needed, a wrong one is like none.
function authenticate(
  credentials: Credentials,
  headers: IncomingHttpHeaders,
  isPublic: boolean,
): Principal | undefined {
  try {
    return credentials.authenticate(headers);
  } catch (error) {
    if (isPublic && error instanceof ServiceError) return undefined;
    throw error;
  }
}

function refuse(request: Request, response: ServerResponse, methods: readonly string[]): never {
  if (methods.length === 0) throw new ServiceError('NotFound', 'No such path.');
  const allow = methods.map((method) => method.toUpperCase()).join(', ');
  response.setHeader('Allow', allow);
  throw new ServiceError('MethodNotAllowed', `Expected ${allow.replaceAll(', ', ' or ')}, got ${request.method}.`);
}

function checkScope(principal: Principal | undefined, { method, operationId }: Route): void {
  if (principal?.scope === 'control' || method === 'get' || operationId === 'logout') return;
  throw new ServiceError('Forbidden', `This takes a credential of scope control, got ${principal?.scope}.`);
}

/**
 * Leaves the validator nothing that a client can vary without end: it keeps a compiled validator for each Content-Type,
 * also of requests without a body. And no condition may turn an answer into a 304, which the contract does not know.
 */
function canonicaliseHeaders({ headers, body }: Request, { bodies, bodyRequired }: Route): void {
  const mediaType = bodyRequired || body !== undefined ? bodies[0] : undefined;
  if (mediaType === undefined) delete headers['content-type'];
  else headers['content-type'] = mediaType;
  delete headers['if-none-match'];
  delete headers['if-modified-since'];
}

function send({ status, body, headers = {} }: Answer, response: Response): void {
  response.status(status);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  if (body === undefined) response.end();
  else if (body instanceof RawJson)
    response.setHeader('Content-Type', 'application/json; charset=utf-8').end(body.text);
  // The only texts that the contract has are the two documents.
  else if (typeof body === 'string') response.setHeader('Content-Type', 'application/yaml; charset=utf-8').end(body);
  else response.json(body);
}

// Neither headers nor query nor body: there the secrets are.
function logWhenDone(request: Request, response: Response, logger: Logger): void {
  response.on('close', () => {
    const { requestId, found, principal, startedAt } = contextOf(request);
    const line = {
      request_id: requestId,
      method: request.method,
      path: loggedPath(request.originalUrl),
      operation: found?.route.operationId,
      account: principal?.account,
      status: response.statusCode,
      code: response.locals.code,
      finished: response.writableFinished,
      ms: Date.now() - startedAt,
    };
    if (found?.route.operationId === 'getHealth') logger.debug(line, 'request');
    else logger.info(line, 'request');
  });
}
