import type { ErrorCode, operations } from '@parleyhq/contract';

/** The rules of the kit that test an error code. */
interface CodeRules {
  /** The number of the promise of PROTOCOL.md that the code belongs to. 9: what is sent fits the documents. */
  readonly promise: number;
  /** By operation, the rule that makes it give the code. */
  readonly by?: { readonly [Operation in keyof operations]?: string };
  /** The rule for every other operation. Its subject is the name of the operation. */
  readonly otherwise?: string;
  /** Why no rule makes other operations give it. */
  readonly outOfReach?: string;
}

const UNDER_THE_SAME_CHECK = 'one check answers for every operation; it is tried where a rule is named';

/**
 * Every code of the error table. A new code does not compile before it has a rule here, or a reason for having none.
 */
const CODES: Readonly<Record<ErrorCode, CodeRules>> = {
  InvalidRequest: {
    promise: 9,
    by: {
      listSessions: 'rest/invalid-parameter (listSessions limit)',
      listAgentSessions: 'rest/invalid-parameter (listAgentSessions limit)',
      getHistory: 'rest/invalid-parameter (getHistory limit)',
      getHealth: 'rest/invalid-parameter (getHealth challenge)',
      closeSession: 'rest/invalid-parameter (closeSession purge)',
      probeEvents: 'rest/invalid-parameter (probeEvents since_event_id)',
    },
    otherwise: 'rest/invalid-body',
  },
  Unauthorized: { promise: 9, by: { login: 'rest/login-unknown' }, otherwise: 'rest/credentials' },
  Forbidden: {
    promise: 9,
    by: {
      listSessions: 'rest/foreign-host',
      getHealth: 'rest/foreign-host',
      authenticateAgent: 'rest/agent-login-owner',
    },
    outOfReach: UNDER_THE_SAME_CHECK,
  },
  NotFound: {
    promise: 9,
    by: { authenticateAgent: 'rest/agent-login', listAgentSessions: 'rest/agent-session-refused' },
  },
  SessionNotFound: { promise: 9, otherwise: 'rest/unknown-session' },
  ApprovalNotFound: { promise: 9, by: { submit: 'rest/refusal-not-kept' } },
  MethodNotAllowed: { promise: 9, outOfReach: 'no operation gives it: it is the answer to a method that there is not' },
  NoPendingPatch: { promise: 7, by: { getPatch: 'rest/patch-direct', applyPatch: 'rest/patch-rejected' } },
  PatchConflict: {
    promise: 7,
    by: { applyPatch: 'rest/patch-isolated' },
    outOfReach: 'the files would have to change between two steps of a revert',
  },
  PatchSuperseded: { promise: 7, by: { applyPatch: 'rest/patch-direct' } },
  NothingToRevert: { promise: 7, by: { revertPatch: 'rest/patch-direct' } },
  IdempotencyConflict: {
    promise: 4,
    by: { createSession: 'rest/idempotent-create', submit: 'rest/idempotent-submit', applyPatch: 'rest/patch-direct' },
    outOfReach: UNDER_THE_SAME_CHECK,
  },
  DuplicateSubmission: { promise: 4, outOfReach: 'it is given on the socket, where mutants of frames try it' },
  ApprovalResolved: { promise: 9, by: { submit: 'rest/approval' } },
  AgentSessionInUse: { promise: 4, by: { createSession: 'rest/agent-sessions' } },
  SessionBusy: { promise: 4, by: { forkSession: 'rest/fork-busy' } },
  SessionClosed: {
    promise: 9,
    by: { submit: 'rest/close', forkSession: 'rest/close', applyPatch: 'rest/close', revertPatch: 'rest/close' },
  },
  CursorAhead: { promise: 3, by: { getHistory: 'rest/history-cursor', probeEvents: 'rest/probe' } },
  CursorExpired: { promise: 9, outOfReach: 'the operator says how long events are kept' },
  PayloadTooLarge: { promise: 9, otherwise: 'rest/too-large' },
  UnsupportedMediaType: { promise: 9, otherwise: 'rest/media-type' },
  UnsupportedByAgent: {
    promise: 9,
    by: { createSession: 'rest/surroundings', authenticateAgent: 'rest/agent-login', forkSession: 'rest/fork' },
    outOfReach: 'the agent of the kit can do the rest',
  },
  UpgradeRequired: { promise: 9, by: { probeEvents: 'rest/probe' } },
  TooManyConnections: { promise: 9, outOfReach: 'the operator says how many sockets are taken' },
  TooManySessions: { promise: 9, outOfReach: 'the operator says how many sessions are taken' },
  TooManyRequests: {
    promise: 9,
    outOfReach: 'the operator says how many requests are taken, and the kit tries each of them again',
  },
  QueueFull: { promise: 9, by: { submit: 'rest/queue-full' } },
  InternalError: { promise: 9, outOfReach: 'only a mistake of the server itself gives it' },
  AgentUnavailable: { promise: 9, outOfReach: 'the operator would have to configure an agent that cannot start' },
  AgentLoginRequired: { promise: 9, outOfReach: 'the operator would have to configure an agent without its key' },
  Unavailable: { promise: 9, outOfReach: 'the operator stops the server, or takes its log away' },
};

/** The promise that a code belongs to. */
export function promiseOf(code: string): number {
  return rulesOf(code).promise;
}

/**
 * The rule that makes an operation give a code; undefined if no rule can.
 *
 * @throws Error if the table has neither a rule nor a reason for this code of the operation.
 */
export function ruleOf(operation: string, code: string): string | undefined {
  const { by = {}, otherwise, outOfReach } = rulesOf(code);
  const named = by[operation as keyof operations] ?? (otherwise && `${otherwise} (${operation})`);
  if (named === undefined && outOfReach === undefined) {
    throw new Error(`mutants/error-rules.ts: ${code} of ${operation} has neither a rule nor a reason for none`);
  }
  return named;
}

function rulesOf(code: string): CodeRules {
  const rules = Object.hasOwn(CODES, code) ? CODES[code as ErrorCode] : undefined;
  if (rules === undefined) throw new Error(`mutants/error-rules.ts: ${code} is not a code of the error table`);
  return rules;
}
