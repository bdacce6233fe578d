import {
  operationIds,
  type operations,
  type Problem,
  type paths,
  type ResponseValidators,
  responseValidators,
  type ServiceError,
  tolerantErrorData,
  type Validator,
} from '@parleyhq/contract';
import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import { ValidationError } from '../errors.js';
import { createRequestClass } from './call-request.js';
import { checkPath } from './check-path.js';
import { checkRequest } from './check-request.js';
import { createRetryingFetch, type RetryingFetchOptions } from './retrying-fetch.js';

/**
 * Every operation of openapi.yaml, typed: `{data}` or `{error}`. In addition to the options of openapi-fetch each call takes
 * `timeout`, `maxRetries` and `idempotencyKey`. A body that does not fit the contract is not sent: the `error` is the
 * server's InvalidRequest, without a `request_id`. The same holds for an id that no path can carry, with SessionNotFound.
 */
export type HttpClient = Client<paths>;

/** openapi-fetch over the retrying fetch. JSON bodies are validated strictly, answers with tolerance for unknown parts. */
export function createHttp(baseUrl: string, options: RetryingFetchOptions): HttpClient {
  const http = createFetchClient<paths>({
    baseUrl,
    fetch: createRetryingFetch(options),
    Request: createRequestClass(),
  });
  http.use(validation);
  return http;
}

/** The statuses of an operation whose answers are not JSON, and so have no validator. */
type StatusWithoutJson<Id extends keyof operations> = Extract<
  Exclude<keyof operations[Id]['responses'], keyof ResponseValidators[Id]>,
  number
>;

/** The successes without JSON. The compiler knows which there are. */
const successesWithoutJson: {
  readonly [Id in keyof operations as [StatusWithoutJson<Id>] extends [never] ? never : Id]: StatusWithoutJson<Id>;
} = { closeSession: 204, authenticateAgent: 204, logout: 204, getOpenapi: 200, getAsyncapi: 200 };

const validation: Middleware = {
  async onRequest({ request, schemaPath, params }) {
    const badId = checkPath(params.path);
    if (badId) return toResponse(badId);
    // Without this: sends what does not fit the contract
    if (request.body === null) return;
    const badBody = checkRequest(`${request.method} ${schemaPath}`, await request.clone().text());
    return badBody && toResponse(badBody);
  },
  async onResponse({ request, response, schemaPath, options }) {
    const operation = `${request.method} ${schemaPath}`;
    const { status } = response;
    const documented = isDocumented(operation, status);
    // The caller may ask for an answer as text or stream, and then reads it; an error is always ErrorData.
    if (documented && (status === 204 || (response.ok && options.parseAs !== 'json'))) return;
    const text = await response.clone().text();
    const { body, problems } = documented ? check(operation, status, text) : { body: text, problems: [UNDOCUMENTED] };
    if (problems.length > 0) throw new ValidationError(`${operation}: the answer ${status}`, problems, body);
  },
};

const UNDOCUMENTED: Problem = { pointer: '', keyword: 'status', message: 'expected a status of this operation' };

/** An error as the answer that the server would have given. */
function toResponse(error: ServiceError): Response {
  return new Response(JSON.stringify(error.toData(Date.now())), { status: error.status });
}

function check(operation: string, status: number, text: string): { body: unknown; problems: readonly Problem[] } {
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return { body, problems: [{ pointer: '', keyword: 'json', message: `expected JSON: ${String(error)}` }] };
  }
  const result = validatorOf(operation, status)(body);
  return { body, problems: result.ok ? [] : result.problems };
}

/** Whether an operation has this status. Any error status is possible: it may come from a proxy. */
function isDocumented(operation: string, status: number): boolean {
  const id = operationIds[operation];
  if (id === undefined || status >= 400) return true;
  return status in responseValidators[id] || Object(successesWithoutJson)[id] === status;
}

/** The validator of a JSON answer. An error status that the operation does not list is ErrorData too. */
function validatorOf(operation: string, status: number): Validator<unknown> {
  const id = operationIds[operation];
  const validators: Readonly<Record<number, Validator<unknown> | undefined>> = id ? responseValidators[id] : {};
  return validators[status] ?? tolerantErrorData;
}
