import { invalidRequest } from './invalid-request.js';

/**
 * Checks that no parameter of a query is written as a part of another one. express-openapi-validator reads `limit[a]=1`
 * as the `a` of `limit`, by `qs`, and forgets some of them; the contract has no such parameter.
 *
 * @throws ServiceError InvalidRequest
 */
export function checkQuery(url: string): void {
  const [, query = ''] = url.split(/\?(.*)/s, 2);
  const part = [...new URLSearchParams(query).keys()].find((name) => /[[\]]/.test(name));
  if (part === undefined) return;
  throw invalidRequest([{ pointer: `/query/${part}`, message: 'expected no parameter of this name' }]);
}
