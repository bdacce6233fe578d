import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Request, type Response } from 'express';
import { expect, test } from 'vitest';
import { type Route, routes } from '../gen/routes.js';
import { contextOf } from './request-context.js';
import { UnfitRequest, validateRequest } from './validator.js';

const app = express();

/** A request that never came, with what Express and the checks before the validator give those that do. */
function createRequest(route: Route, mediaType: string | undefined) {
  const path = { session_id: '550e8400-e29b-41d4-a716-446655440000', agent: 'demo' };
  const url = route.path.replace('{session_id}', path.session_id).replace('{agent}', path.agent);
  const message = Object.assign(new IncomingMessage(new Socket()), {
    method: route.method.toUpperCase(),
    headers: mediaType === undefined ? {} : { 'content-type': mediaType },
    ...{ url, originalUrl: url, baseUrl: '', params: {}, body: undefined },
  });
  const request: Request = Object.setPrototypeOf(message, app.request);
  contextOf(request).found = { route, path };
  return request;
}

function run(request: Request): Promise<unknown> {
  const response: Response = Object.setPrototypeOf(new ServerResponse(request), app.response);
  return new Promise((resolve) => void validateRequest(request, response, resolve));
}

test.each(Object.values(routes))('the schemas of $operationId compile', async (route) => {
  for (const mediaType of route.bodyRequired ? route.bodies : [...route.bodies, undefined]) {
    const error = await run(createRequest(route, mediaType));
    // Where a body or a parameter has to be, none does not fit; that it was found not to is all that is wanted.
    if (error !== undefined) expect(error).toBeInstanceOf(UnfitRequest);
  }
});

test('a query where the document has none does not fit, also where there is nothing else to validate', async () => {
  const request = createRequest(routes.getHealth, undefined);
  expect(routes.getHealth.takesInput).toBe(false);
  expect(await run(request)).toBeUndefined();
  request.url = '/api/health?verbose=1';
  request.originalUrl = request.url;
  expect(await run(request)).toMatchObject({ misfits: [{ path: '/query/verbose' }] });
});
