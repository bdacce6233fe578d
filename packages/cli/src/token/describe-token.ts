import type { TokenRecord } from '@parleyhq/server';

/** A token as JSON output shows it: everything except its hash. */
export function describeToken({ id, name, account, scope, created_at, expires_at }: TokenRecord) {
  return { id, name, account, scope, created_at, expires_at };
}
