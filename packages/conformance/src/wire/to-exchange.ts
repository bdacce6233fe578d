import { parseJson } from '../documents/json.js';
import { operationOf } from '../documents/operations.js';
import type { Exchange, WireAnswer, WireRequest } from './exchange.js';

/** A request with its answer, and what rules read out of both. */
export function toExchange(request: WireRequest, answer: WireAnswer): Exchange {
  const text = answer.body.toString('utf8');
  return { ...answer, request, operation: operationOf(request.method, request.path), text, json: parseJson(text) };
}
