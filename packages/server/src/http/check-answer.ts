import { strictResponseValidators, type Validator } from '@parleyhq/contract';
import type { Answer } from '../gen/handlers.js';
import type { Route } from '../gen/routes.js';
import { RawJson } from './raw-json.js';

type AnyValidator = Validator<unknown>;

// By operation and status. A Map, since both are looked up as strings at run time.
const validators = new Map<string, ReadonlyMap<string, AnyValidator>>(
  Object.entries(strictResponseValidators).map(([operation, byStatus]) => [
    operation,
    new Map(Object.entries(byStatus)),
  ]),
);

/**
 * Says how an answer differs from the OpenAPI document, checked strictly; undefined if it fits. If the body is a text or
 * absent, only the status is checked. Raw JSON was validated before it was stored.
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
