import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { contextOf } from './request-context.js';
import { validatorDocument } from './validator-document.js';

/** A part of a request that does not fit its schema, as express-openapi-validator reports it. */
export interface Misfit {
  readonly path?: string;
  readonly message?: string;
  readonly errorCode?: string;
}

/** A request that does not fit the OpenAPI document. */
export class UnfitRequest extends Error {
  override readonly name = 'UnfitRequest';
  readonly misfits: readonly Misfit[];

  constructor(misfits: readonly Misfit[]) {
    super('The request does not fit the document.');
    this.misfits = misfits;
  }
}

/** All servers of a process share the validator: it has no state of a server. */
let loading: Promise<RequestHandler> | undefined;
let validate: RequestHandler | undefined;

/**
 * Validates requests against the OpenAPI document and fills in defaults. A request that does not fit ends with an
 * {@link UnfitRequest}. express-openapi-validator is loaded with the first request that has something to validate. It compiles
 * the schemas of an operation with the first request of that operation: compiling all of them at once would double the time
 * to the server's first answer. A test tries every operation, so that a schema that does not compile is noticed.
 *
 * (Answers are validated by the generated validators: express-openapi-validator sees only those of `res.json` with a status
 * below 500.)
 */
export const validateRequest: RequestHandler = (request, response, next) => {
  if (!hasInput(request)) return next();
  if (validate) return validate(request, response, next);
  loading ??= loadValidator().catch((error) => {
    loading = undefined; // the failure may pass, for example when too many files are open: the next request tries again
    throw error;
  });
  loading.then((loaded) => {
    validate = loaded;
    loaded(request, response, next);
  }, next);
};

/** Whether there is something to validate. A query always is, since unknown query parameters are refused. */
function hasInput(request: Request): boolean {
  return contextOf(request).found?.route.takesInput !== false || request.originalUrl.includes('?');
}

async function loadValidator(): Promise<RequestHandler> {
  const { middleware, error } = await import('./light-validator.js');
  const steps = middleware({
    // The type of the parsed document is less exact than the type of this option.
    apiSpec: validatorDocument() as never,
    validateApiSpec: false,
    validateSecurity: false,
    validateResponses: false,
    fileUploader: false,
    validateRequests: { allErrors: true },
  });
  return (request, response, next) =>
    runSteps(steps, request, response, (thrown: unknown) => {
      next(thrown instanceof error.BadRequest ? new UnfitRequest(thrown.errors) : thrown);
    });
}

function runSteps(steps: readonly RequestHandler[], request: Request, response: Response, done: NextFunction): void {
  let index = 0;
  const next = (thrown?: unknown) => {
    const step = thrown === undefined ? steps[index++] : undefined;
    if (step) step(request, response, next);
    else done(thrown);
  };
  next();
}
