import {
  operationIds,
  type Problem,
  type paths,
  responseValidators,
  tolerantErrorData,
  type Validator,
} from '@parleyhq/contract';
import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import { ValidationError } from '../errors.js';
import { checkRequest } from './check-request.js';
import { createRetryingFetch, type RetryingFetchOptions } from './retrying-fetch.js';

/**
 * Every operation of openapi.yaml, typed: `{data}` or `{error}`. Beside openapi-fetch's own options each call takes
 * `timeout`, `maxRetries` and `idempotencyKey`. A body that does not fit the contract is not sent: its `error` is the
 * server's InvalidRequest, without a `request_id`.
 */
export type HttpClient = Client<paths>;

/** openapi-fetch over the retrying fetch: every JSON body is validated strictly, every answer as a tolerant reader does. */
export function createHttp(baseUrl: string, options: RetryingFetchOptions): HttpClient {
  const http = createFetchClient<paths>({ baseUrl, fetch: createRetryingFetch(options) });
  http.use(validation);
  return http;
}

const validation: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (request.body === null) return;
    const refusal = checkRequest(`${request.method} ${schemaPath}`, await request.clone().text());
    return refusal && new Response(JSON.stringify(refusal.toData(Date.now())), { status: refusal.status });
  },
  async onResponse({ request, response, schemaPath, options }) {
    // Who asks for the text or the stream of an answer reads it himself; an error is always ErrorData.
    if (response.status === 204 || (response.ok && options.parseAs !== 'json')) return;
    const operation = `${request.method} ${schemaPath}`;
    const text = await response.clone().text();
    const { body, problems } = check(operation, response.status, text);
    if (problems.length > 0) throw new ValidationError(`${operation}: the answer ${response.status}`, problems, body);
  },
};

function check(operation: string, status: number, text: string): { body: unknown; problems: readonly Problem[] } {
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return { body, problems: [{ pointer: '', keyword: 'json', message: `expected JSON: ${String(error)}` }] };
  }
  const validate = validatorOf(operation, status);
  if (validate === undefined) {
    return { body, problems: [{ pointer: '', keyword: 'status', message: 'expected a status of this operation' }] };
  }
  const result = validate(body);
  return { body, problems: result.ok ? [] : result.problems };
}

/** The validator of an answer; undefined for a success that is not documented. */
function validatorOf(operation: string, status: number): Validator<unknown> | undefined {
  const id = operationIds[operation];
  const validators: Readonly<Record<number, Validator<unknown> | undefined>> = id ? responseValidators[id] : {};
  return validators[status] ?? (status < 400 ? undefined : tolerantErrorData);
}
