import { errors, ServiceError } from '@parleyhq/contract';
import type { ErrorRequestHandler, Request } from 'express';
import type { Logger } from 'pino';
import { wireErrorOf } from '../log/wire-error.js';
import { errorHeaders } from '../socket/refuse-socket.js';
import { problemOf } from './check-answer.js';
import { invalidRequest } from './invalid-request.js';
import { toDetails } from './problems.js';
import { contextOf } from './request-context.js';

/** Answers every error of a request with the contract's ErrorData. `refused` is called with each. */
export function createErrorHandler(
  logger: Logger,
  refused: (request: Request, error: ServiceError) => void,
): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { requestId, found } = contextOf(request);
    const route = found?.route;
    const log = (problem: string, err: unknown) =>
      logger.error({ request_id: requestId, operation: route?.operationId, problem, err }, 'request failed');
    let error = toServiceError(thrown, request);
    let body = error.toData(Date.now(), requestId);
    // Each operation documents its error codes. Any other code is a fault of the server and becomes InternalError.
    const problem = route && problemOf(route, { status: error.status, body });
    if (problem !== undefined) {
      log(`undocumented error: ${problem}`, error);
      error = internalError(error);
      body = error.toData(Date.now(), requestId);
    } else if (error.code === 'InternalError') {
      log('internal error', error.cause ?? error);
    }
    response.locals.code = error.code;
    refused(request, error);
    for (const [name, value] of Object.entries(errorHeaders(error))) response.setHeader(name, value);
    if (error.status === 426) response.setHeader('Connection', 'Upgrade');
    const bytes = Buffer.from(JSON.stringify(body));
    // Without the length, a client of HTTP/1.0 would not see the end of a 426, whose Connection is not `close`.
    response.setHeader('Content-Length', bytes.length);
    response.status(error.status).end(bytes);
  };
}

/** A fault of the server. The message names only the request id; the cause is logged. */
export function internalError(cause: unknown): ServiceError {
  return new ServiceError('InternalError', 'The server failed; its log has this request id.', { cause });
}

function toServiceError(thrown: unknown, request: Request): ServiceError {
  if (thrown instanceof ServiceError) return thrown.code in errors ? thrown : internalError(thrown);
  const details = toDetails(thrown, request);
  if (!details) return wireErrorOf(thrown) ?? internalError(thrown);
  return invalidRequest(details);
}
