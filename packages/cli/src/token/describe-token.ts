import type { TokenRecord } from '@parleyhq/server';

/** What programs are told of a token: all but its hash. */
export function describeToken({ id, name, account, scope, created_at, expires_at }: TokenRecord) {
  return { id, name, account, scope, created_at, expires_at };
}
