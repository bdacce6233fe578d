import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { type Route, routes } from '../gen/routes.js';
import { memoiseRoutes } from './memoise-routes.js';
import { validatorDocument } from './validator-document.js';

/** Nothing in it is of one server: all servers of a process share it. */
let compiled: Promise<RequestHandler[]> | undefined;

/**
 * Validates requests against the OpenAPI document and fills in defaults. It is compiled with the first server of a process,
 * which takes about 0.3 s.
 * (Answers are validated by the generated validators: express-openapi-validator sees those of `res.json` alone, and no
 * status from 500 on.)
 *
 * @throws Error if a schema does not compile.
 */
export function createValidator(): Promise<RequestHandler[]> {
  compiled ??= compile(express());
  return compiled;
}

/**
 * The validator compiles at the first request of each kind: every kind is tried here, so that a mistake in a schema fails the
 * start and not a user.
 */
async function compile(app: Express): Promise<RequestHandler[]> {
  memoiseRoutes();
  const middleware = OpenApiValidator.middleware({
    // The type wants every part spelled out that JSON cannot promise.
    apiSpec: validatorDocument() as never,
    validateApiSpec: false,
    validateSecurity: false,
    validateResponses: false,
    fileUploader: false,
    validateRequests: { allErrors: true },
  });
  for (const route of Object.values(routes)) await warmUp(app, middleware, route);
  return middleware;
}

// One request for each media type that an operation tells apart.
async function warmUp(app: Express, middleware: readonly RequestHandler[], route: Route): Promise<void> {
  const mediaTypes = route.bodyRequired ? route.bodies : [...route.bodies, undefined];
  for (const mediaType of mediaTypes) {
    const { request, response } = emptyExchange(app, route, mediaType);
    for (const step of middleware) {
      const error = await new Promise<unknown>((resolve) => void step(request, response, resolve));
      // An empty request is invalid for some; that it was found to be is all that is wanted.
      if (error !== undefined && !(error instanceof OpenApiValidator.error.BadRequest)) throw error;
    }
  }
}

// A request that never came, with what Express gives those that do.
function emptyExchange(app: Express, route: Route, mediaType: string | undefined) {
  const url = route.path.replaceAll(/\{.*?\}/g, '-');
  const message = Object.assign(new IncomingMessage(new Socket()), {
    method: route.method.toUpperCase(),
    headers: mediaType === undefined ? {} : { 'content-type': mediaType },
    ...{ url, originalUrl: url, baseUrl: '', params: {} },
  });
  const request: Request = Object.setPrototypeOf(message, app.request);
  const response: Response = Object.setPrototypeOf(new ServerResponse(message), app.response);
  return { request, response };
}
