import { type ApprovalPolicy, type ApprovalRule, ServiceError, type ToolKind } from '@parleyhq/contract';
import { APPROVAL_POLICIES, cappedPolicy } from '../sessions/approval-policy.js';
import { ACTION_OF, POLICY_OF } from './approval-rules.js';

/** The kinds that a rule can name. */
export const TOOL_KINDS: readonly ToolKind[] = [
  ...(['read', 'edit', 'delete', 'move', 'search'] as const),
  ...(['execute', 'think', 'fetch', 'switch_mode', 'other'] as const),
];

/** What a rule can do. */
export const RULE_ACTIONS: readonly ApprovalRule['action'][] = ['allow_once', 'reject_once', 'ask'];

/** What is wrong with a rule. */
export interface RuleProblem {
  /** The place in the list, as in `0/path`. */
  readonly place: string;
  readonly message: string;
}

/** The first rule that can fit nothing, or anything, as the schema cannot say. */
export function problemOfRules(rules: readonly ApprovalRule[]): RuleProblem | undefined {
  for (const [index, { kind, command, path }] of rules.entries()) {
    if (kind === undefined && command === undefined && path === undefined) {
      return { place: `${index}`, message: 'expected kind, command or path, got none of them' };
    }
    // Without this: takes a rule for files that no file ever fits
    if (path?.split('/').includes('..')) {
      return { place: `${index}/path`, message: `expected a path without .., got ${path}` };
    }
  }
  return undefined;
}

/**
 * Checks the rules of a new session.
 *
 * @throws ServiceError `InvalidRequest` naming the rule that fits nothing, or that allows more than the operator does.
 */
export function checkSessionRules(rules: readonly ApprovalRule[], most: ApprovalPolicy): void {
  // Without this: lets rules of a session allow more than the operator does
  const problem = problemOfRules(rules) ?? tooPermissive(rules, most);
  if (problem === undefined) return;
  const { place, message } = problem;
  throw new ServiceError('InvalidRequest', `approval_rules/${place}: ${message}.`, {
    details: [{ pointer: `/body/approval_rules/${place}`, message }],
  });
}

function tooPermissive(rules: readonly ApprovalRule[], most: ApprovalPolicy): RuleProblem | undefined {
  const index = rules.findIndex(({ action }) => {
    const policy = POLICY_OF[action];
    return cappedPolicy(policy, most) !== policy;
  });
  const rule = rules[index];
  if (rule === undefined) return undefined;
  const allowed = APPROVAL_POLICIES.slice(0, APPROVAL_POLICIES.indexOf(most) + 1).map((policy) => ACTION_OF[policy]);
  return { place: `${index}/action`, message: `this server allows ${allowed.join(', ')}, got ${rule.action}` };
}
