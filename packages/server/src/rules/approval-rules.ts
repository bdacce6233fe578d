import { relative } from 'node:path';
import type { PermissionRequest } from '@parleyhq/agents';
import type { ApprovalPolicy, ApprovalRule, ApprovalRuleReference } from '@parleyhq/contract';
import { cappedPolicy } from '../sessions/approval-policy.js';
import { isInside } from '../workspace/roots.js';
import { type RequestFacts, readFacts, type SessionPlaces } from './request-facts.js';
import { matchesCommand, matchesGlob, SHELL_OPERATORS } from './wildcards.js';

/** What a rule says of a request. */
export interface RuleDecision {
  readonly action: ApprovalRule['action'];
  readonly rule: ApprovalRuleReference;
}

/** Who makes rules, and what those of a session may allow. */
export interface ApprovalRulesOptions {
  readonly operator: readonly ApprovalRule[];
  readonly session: readonly ApprovalRule[];
  /** The most permissive policy that the operator allows. */
  readonly most: ApprovalPolicy;
  readonly places: SessionPlaces;
}

/** The action of a rule, by the policy that does the same. */
export const ACTION_OF = { auto: 'allow_once', ask: 'ask', deny: 'reject_once' } as const;
/** The policy that does the same as a rule. */
export const POLICY_OF = { allow_once: 'auto', ask: 'ask', reject_once: 'deny' } as const;

/**
 * What the rules say of a request; undefined if none fits. The operator's rejection comes first, then the session's rules, then
 * the operator's other rules.
 */
export async function decideByRules(
  request: PermissionRequest,
  { operator, session, most, places }: ApprovalRulesOptions,
): Promise<RuleDecision | undefined> {
  if (operator.length + session.length === 0) return undefined;
  const facts = await readFacts(request, places);
  const ofOperator = firstFitting(operator, 'operator', facts, places);
  // Without this: lets a session allow what the operator rejects
  if (ofOperator?.action === 'reject_once') return ofOperator;
  const ofSession = firstFitting(session, 'session', facts, places);
  if (ofSession === undefined) return ofOperator;
  // The operator may allow less by now than when the session was created.
  // Without this: lets rules of a session allow more than the operator does by now
  const action = ACTION_OF[cappedPolicy(POLICY_OF[ofSession.action], most)];
  return { ...ofSession, action };
}

function firstFitting(
  rules: readonly ApprovalRule[],
  of: ApprovalRuleReference['of'],
  facts: RequestFacts,
  places: SessionPlaces,
): RuleDecision | undefined {
  const index = rules.findIndex((rule) => fits(rule, facts, places));
  const rule = rules[index];
  return rule && { action: rule.action, rule: { of, index } };
}

function fits(rule: ApprovalRule, facts: RequestFacts, { cwd }: SessionPlaces): boolean {
  const allows = rule.action === 'allow_once';
  return (
    fitsKind(rule, facts, allows) &&
    (rule.command === undefined || fitsCommand(rule.command, facts, allows)) &&
    (rule.path === undefined || fitsFiles(rule.path, facts, cwd, allows))
  );
}

/** What a request of these kinds does is in the files that it names. */
const OF_FILES: readonly string[] = ['read', 'edit', 'delete', 'move', 'search'];

function fitsKind(rule: ApprovalRule, { kind }: RequestFacts, allows: boolean): boolean {
  if (rule.kind !== undefined) return rule.kind === kind;
  // Without this: allows any command that names a file which a rule allows
  return !allows || rule.path === undefined || rule.command !== undefined || OF_FILES.includes(kind);
}

/** Allows the whole command alone; any other rule also looks at its parts. */
function fitsCommand(pattern: string, { kind, command }: RequestFacts, allows: boolean): boolean {
  if (kind !== 'execute') return false;
  // Without this: does not reject a command that is too long to be compared
  if (command === undefined) return !allows;
  if (allows) return matchesCommand(pattern, command, { operators: false });
  const parts = [command, ...splitCommand(command)].map((part) => part.replace(/\s+/g, ' ').trim());
  return parts.some((part) => matchesCommand(pattern, part, { operators: true }));
}

function splitCommand(command: string): string[] {
  const parts = [''];
  for (const character of command) {
    if (SHELL_OPERATORS.includes(character)) parts.push('');
    else parts.push(`${parts.pop()}${character}`);
  }
  return parts;
}

/** Allows a request if all of its files fit, with their links followed; any other rule looks for one that does. */
function fitsFiles(pattern: string, { files, hasOtherFiles }: RequestFacts, cwd: string, allows: boolean): boolean {
  // Without this: allows what touches other files beside those that a rule allows
  if (allows) return files.length > 0 && !hasOtherFiles && files.every(({ real }) => fitsPath(pattern, real, cwd));
  return (
    hasOtherFiles || files.some(({ named, real }) => fitsPath(pattern, named, cwd) || fitsPath(pattern, real, cwd))
  );
}

function fitsPath(pattern: string, path: string, cwd: string): boolean {
  const glob = pattern.replace(/^(\.\/)+/, '').replace(/\/$/, '/**');
  if (glob.startsWith('/')) return matchesGlob(glob, path);
  // Without this: allows files outside of the working directory by a rule for all in it
  return isInside(cwd, path) && matchesGlob(glob, relative(cwd, path));
}
