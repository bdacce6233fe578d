import { ServiceError } from '@parleyhq/contract';
import { isOwner, OWNER_ACCOUNT, type Principal } from '../auth/principal.js';
import type { OperationId, Route } from '../gen/routes.js';

/** The operations that change what the sessions of all accounts use. */
const OF_THE_OWNER: ReadonlySet<OperationId> = new Set(['authenticateAgent']);

/** @throws ServiceError `Forbidden` if this credential does not allow the operation. */
export function checkScope(principal: Principal | undefined, { method, operationId }: Route): void {
  // Without this: lets any account log an agent in, for all the others too
  if (principal !== undefined && OF_THE_OWNER.has(operationId) && !isOwner(principal)) {
    const { account, scope } = principal;
    const expected = `the account ${OWNER_ACCOUNT} with scope control`;
    throw new ServiceError('Forbidden', `This takes a credential of ${expected}, got ${account} with ${scope}.`);
  }
  if (principal?.scope === 'control' || method === 'get' || operationId === 'logout') return;
  throw new ServiceError('Forbidden', `This takes a credential of scope control, got ${principal?.scope}.`);
}
