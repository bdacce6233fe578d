import type { paths } from '@parleyhq/contract';
import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import { checkResponse } from '../checks.js';
import { type Problem, ValidationError } from '../errors.js';
import { createRetryingFetch, type RetryingFetchOptions } from './retrying-fetch.js';

/**
 * Every operation of openapi.yaml, typed: `{data}` or `{error}`. Beside openapi-fetch's own options each call takes
 * `timeout`, `maxRetries` and `idempotencyKey`.
 */
export type HttpClient = Client<paths>;

/** openapi-fetch over the retrying fetch, with every JSON answer validated as a tolerant reader does. */
export function createHttp(baseUrl: string, options: RetryingFetchOptions): HttpClient {
  const http = createFetchClient<paths>({ baseUrl, fetch: createRetryingFetch(options) });
  http.use(validation);
  return http;
}

const validation: Middleware = {
  async onResponse({ request, response, schemaPath, options }) {
    // Who asks for the text or the stream of an answer reads it himself; an error is always ErrorData.
    if (response.status === 204 || (response.ok && options.parseAs !== 'json')) return;
    const subject = `${request.method} ${schemaPath}: answer ${response.status}`;
    const text = await response.clone().text();
    const body = parse(text, subject);
    const problems = checkResponse(request.method, schemaPath, response.status, body);
    if (problems.length > 0) throw new ValidationError(subject, problems, body);
  },
};

function parse(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem: Problem = { pointer: '', message: String(error) };
    throw new ValidationError(subject, [problem], text);
  }
}
