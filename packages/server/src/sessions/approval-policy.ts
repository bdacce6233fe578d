import { type ApprovalPolicy, ServiceError } from '@parleyhq/contract';

/** The policies, each more permissive than the one before. */
export const APPROVAL_POLICIES: readonly ApprovalPolicy[] = ['deny', 'ask', 'auto'];

/**
 * The policy of a new session: the requested one; without a request, `ask`, or `deny` if the operator allows no more.
 *
 * @throws ServiceError `InvalidRequest` if the request is more permissive than the operator allows.
 */
export function choosePolicy(asked: ApprovalPolicy | undefined, most: ApprovalPolicy): ApprovalPolicy {
  if (asked === undefined) return cappedPolicy('ask', most);
  // Without this: lets a request have a more permissive policy than the operator allows
  if (cappedPolicy(asked, most) === asked) return asked;
  const allowed = APPROVAL_POLICIES.slice(0, rank(most) + 1);
  const message = `this server allows ${allowed.join(', ')}, got ${asked}`;
  throw new ServiceError('InvalidRequest', `approval_policy: ${message}.`, {
    details: [{ pointer: '/body/approval_policy', message }],
  });
}

/** The less permissive of the two. */
export function cappedPolicy(policy: ApprovalPolicy, most: ApprovalPolicy): ApprovalPolicy {
  return rank(policy) > rank(most) ? most : policy;
}

function rank(policy: ApprovalPolicy): number {
  return APPROVAL_POLICIES.indexOf(policy);
}
