import { strictResponseValidators, type Validator } from '@parleyhq/contract';
import type { Answer } from '../gen/handlers.js';
import type { Route } from '../gen/routes.js';
import { RawJson } from './raw-json.js';

type AnyValidator = Validator<unknown>;

// Looked up by numbers and names that only the running server has.
const validators = new Map<string, ReadonlyMap<string, AnyValidator>>(
  Object.entries(strictResponseValidators).map(([operation, byStatus]) => [
    operation,
    new Map(Object.entries(byStatus)),
  ]),
);

/**
 * Says what is wrong with an answer by the document, strictly; undefined if nothing is. An answer with text or without
 * a body is checked for its status alone; raw JSON was validated before it was stored.
 */
export function problemOf({ operationId, statuses }: Route, { status, body }: Answer): string | undefined {
  const isError = status >= 400;
  // Without this: lets an answer pass with a status that is not documented
  if (!isError && !statuses.includes(status)) return `status ${status} is not documented`;
  if (typeof body !== 'object' || body instanceof RawJson) return undefined;
  const byStatus = validators.get(operationId);
  const validate = byStatus?.get(String(status)) ?? (isError ? byStatus?.get('default') : undefined);
  if (!validate) return `status ${status} has no JSON body`;
  const result = validate(body);
  // Without this: lets an answer pass that does not fit the contract
  if (result.ok) return undefined;
  return result.problems.map(({ pointer, message }) => `${pointer || '/'}: ${message}`).join('; ');
}
