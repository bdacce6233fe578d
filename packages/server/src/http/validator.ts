import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { keepPatterns, skipMetaSchema } from './lighten-validator.js';
import { contextOf } from './request-context.js';
import { validatorDocument } from './validator-document.js';

/** A part of a request that does not fit its schema, as express-openapi-validator tells it. */
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

/** Nothing in it is of one server: all servers of a process share it. */
let loading: Promise<RequestHandler> | undefined;
let validate: RequestHandler | undefined;

/**
 * Validates requests against the OpenAPI document and fills in defaults; one that does not fit ends as an
 * {@link UnfitRequest}. express-openapi-validator is loaded with the first request that has something to validate, and
 * compiles the schemas of an operation with its first request: loading and compiling all of them would double the time that a
 * server takes to its first answer. A schema that does not compile fails a test, which tries every operation.
 *
 * (Answers are validated by the generated validators: express-openapi-validator sees those of `res.json` alone, and no
 * status from 500 on.)
 */
export const validateRequest: RequestHandler = (request, response, next) => {
  if (!hasInput(request)) return next();
  if (validate) return validate(request, response, next);
  loading ??= loadValidator().catch((error) => {
    loading = undefined; // perhaps there were no more files to open; the next request tries again
    throw error;
  });
  loading.then((loaded) => {
    validate = loaded;
    loaded(request, response, next);
  }, next);
};

/** Whether a schema has something to say about a request; no operation takes a query parameter that is not documented. */
function hasInput(request: Request): boolean {
  return contextOf(request).found?.route.takesInput !== false || request.originalUrl.includes('?');
}

async function loadValidator(): Promise<RequestHandler> {
  const { middleware, error } = await import('express-openapi-validator');
  keepPatterns();
  skipMetaSchema();
  const steps = middleware({
    // The type wants every part spelled out that JSON cannot promise.
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
