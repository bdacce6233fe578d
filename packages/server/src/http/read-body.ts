import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { Route } from '../gen/routes.js';
import { collectBytes } from './collect-bytes.js';
import type { Incoming } from './incoming.js';
import { invalidRequest } from './invalid-request.js';
import { hasTooLarge, problemOfText, TOO_LARGE } from './nesting.js';

/**
 * Reads the JSON body of a request, if its operation takes one. To be called after all other checks: no part of the body has
 * been read before, and a client that waits for `100 Continue` gets it here.
 *
 * @param maxBytes The maximum size of the body.
 * @param incoming Counts the bytes.
 * @returns The value, or undefined if there is no body.
 * @throws ServiceError PayloadTooLarge, UnsupportedMediaType, InvalidRequest if the body is not JSON, or TooManyRequests if the client
 * sends too much at once.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  route: Route,
  maxBytes: number,
  incoming: Incoming,
): Promise<unknown> {
  if (route.bodies.length === 0) return undefined;
  if (!hasBody(request)) return withoutBody(route);
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  checkMediaType(request, route.bodies);
  if (request.headers.expect !== undefined) response.writeContinue();
  const bytes = await readBytes(request, maxBytes, incoming);
  return bytes.length === 0 ? withoutBody(route) : parseJson(bytes);
}

function withoutBody({ bodyRequired }: Route): undefined {
  if (bodyRequired) throw notJson('expected JSON, got nothing');
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function checkMediaType({ headers }: IncomingMessage, allowed: readonly string[]): void {
  const header = headers['content-type'];
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset='));
  if (!allowed.includes(type) || charsets.some((charset) => !/^charset="?utf-?8"?$/.test(charset))) {
    const expected = `expected Content-Type ${allowed.join(' or ')} in UTF-8, got ${header ?? 'none'}`;
    throw new ServiceError('UnsupportedMediaType', `The body is of another type: ${expected.slice(0, 512)}.`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new ServiceError('UnsupportedMediaType', `Expected no Content-Encoding, got ${encoding.slice(0, 512)}.`);
  }
}

async function readBytes(request: IncomingMessage, maxBytes: number, incoming: Incoming): Promise<Buffer> {
  const bytes = collectBytes(maxBytes);
  return new Promise((resolve, reject) => {
    const refuse = (error: ServiceError) => {
      // The rest is read and discarded: if the connection were closed now, the client might not get the answer.
      request.removeAllListeners('data');
      request.resume();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      if (bytes.length + chunk.length > maxBytes) return refuse(tooLarge(maxBytes));
      if (!incoming.take(chunk.length)) return refuse(tooMuch());
      bytes.add(chunk);
    });
    request.on('end', () => resolve(bytes.whole()));
    request.on('error', reject);
  });
}

function parseJson(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notJson('expected UTF-8, got other bytes');
  }
  const problem = problemOfText(text);
  if (problem !== undefined) throw notJson(problem);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(`expected JSON, got other text: ${reasonOf(error)}`);
  }
  if (hasTooLarge(value)) throw notJson(TOO_LARGE);
  return value;
}

/** The message of a parser, without its quotation of the text, which may contain a secret. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/, (\.\.\.)?".*$/s, '');
}

function tooLarge(maxBytes: number): ServiceError {
  return new ServiceError('PayloadTooLarge', `The body may have ${maxBytes} bytes at most.`);
}

function tooMuch(): ServiceError {
  const message = 'Too much is being sent at the same time; wait for the answers, then try again.';
  return new ServiceError('TooManyRequests', message, { retryAfter: 1 });
}

function notJson(message: string): ServiceError {
  return invalidRequest([{ pointer: '/body', message }]);
}
