import { invalidRequest } from './invalid-request.js';

/**
 * Refuses query parameters with brackets. express-openapi-validator parses them with `qs`, which reads `limit[a]=1` as a
 * property of `limit` and ignores some forms. The contract has no such parameter.
 *
 * @throws ServiceError InvalidRequest
 */
export function checkQuery(url: string): void {
  const [, query = ''] = url.split(/\?(.*)/s, 2);
  const part = [...new URLSearchParams(query).keys()].find((name) => /[[\]]/.test(name));
  if (part === undefined) return;
  throw invalidRequest([{ pointer: `/query/${part}`, message: 'expected no parameter of this name' }]);
}
