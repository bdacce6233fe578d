import { ServiceError } from '@parleyhq/contract';
import { hashToken } from '../auth/hash-token.js';
import type { Principal } from '../auth/principal.js';
import type { OperationId } from '../gen/routes.js';
import { wireErrorOf } from '../log/wire-error.js';
import type { Audit, AuditEntry } from '../observe/audit.js';

/** What the audit line of a command is made of. */
export interface AuditedCommand {
  /** The operation, as the contract names it. */
  readonly operation: OperationId;
  readonly requestId: string;
  readonly ip: string;
  readonly principal?: Principal | undefined;
  readonly sessionId?: string | undefined;
  /** The agent that the path names. */
  readonly agent?: string | undefined;
  readonly body?: unknown;
  /** For closeSession: whether the history is deleted too. */
  readonly purge?: boolean | undefined;
}

/** The action of each command; null for an operation that only reads, which is not recorded. */
const ACTIONS: Readonly<Record<OperationId, string | null>> = {
  login: 'login',
  logout: 'logout',
  createSession: 'create_session',
  forkSession: 'fork_session',
  closeSession: 'close_session',
  submit: 'submit',
  applyPatch: 'apply_patch',
  revertPatch: 'revert_patch',
  authenticateAgent: 'authenticate_agent',
  listSessions: null,
  getSession: null,
  getPatch: null,
  getHistory: null,
  probeEvents: null,
  listAgents: null,
  listAgentSessions: null,
  getLoginStatus: null,
  getHealth: null,
  getOpenapi: null,
  getAsyncapi: null,
};

// The recorded fields are ids, kinds and choices. Nothing that people or agents write is recorded.
const REQUEST_FIELDS = ['agent', 'workspace', 'approval_policy', 'submission_id', 'patch_id', 'turn_id'] as const;
const SUBMISSION_FIELDS = ['approval_id', 'option_id', 'decision', 'elicitation_id', 'config_id'] as const;
const ANSWER_FIELDS = ['session_id', 'account', 'scope', 'submission_id', 'turn_id', 'patch_id'] as const;

/** Runs an operation. A command is recorded with its outcome afterwards; an operation that only reads is not. */
export async function audited<Result>(
  audit: Audit,
  command: AuditedCommand,
  run: () => Promise<Result>,
  answerOf: (result: Result) => unknown,
): Promise<Result> {
  const action = command.purge ? 'purge_session' : ACTIONS[command.operation];
  if (action === null) return run();
  const entry = (outcome: string, answer?: unknown): AuditEntry => ({
    action,
    outcome,
    request_id: command.requestId,
    ip: command.ip,
    account: command.principal?.account,
    credential: credentialOf(command, answer),
    session_id: command.sessionId,
    ...(command.agent !== undefined && { agent: command.agent, ...factsOf(command.body, ['method']) }),
    ...factsOf(command.body, [...REQUEST_FIELDS, ...SUBMISSION_FIELDS]),
    ...(action === 'submit' ? renamed(command.body, { type: 'kind', action: 'answer' }) : {}),
    ...factsOf(answer, ANSWER_FIELDS),
    ...(Array.isArray(partOf(answer, 'files')) ? { files: (partOf(answer, 'files') as unknown[]).length } : {}),
  });
  try {
    const result = await run();
    audit.record(entry('ok', answerOf(result)));
    return result;
  } catch (error) {
    const known = error instanceof ServiceError ? error : wireErrorOf(error);
    const failed = entry(known?.code ?? 'InternalError');
    if (action === 'login') audit.refused(failed);
    else audit.record(failed);
    throw error;
  }
}

/** Records the refusal of a credential, a host or an origin. */
export function auditRefusal(
  audit: Audit,
  error: ServiceError,
  { requestId, ip, operation, principal, sessionId }: Omit<AuditedCommand, 'operation'> & { operation?: string },
): void {
  // `audited` records failed logins.
  if ((error.code !== 'Unauthorized' && error.code !== 'Forbidden') || operation === 'login') return;
  audit.refused({
    action: 'refused',
    outcome: error.code,
    request_id: requestId,
    ip,
    account: principal?.account,
    credential: principal && nameOf(principal),
    session_id: sessionId,
    operation,
    reason: error.reason,
  });
}

function credentialOf({ principal }: AuditedCommand, answer: unknown): string | undefined {
  const made = partOf(answer, 'access_token');
  return typeof made === 'string' ? shorten(hashToken(made)) : principal && nameOf(principal);
}

function nameOf({ loginId, tokenId }: Principal): string {
  return loginId === undefined ? (tokenId ?? 'access-token') : shorten(loginId);
}

/** Enough of a hash to tell one login from another. */
function shorten(hash: string): string {
  return hash.slice(0, 16);
}

function factsOf(from: unknown, names: readonly string[]): Readonly<Record<string, string>> {
  return renamed(from, Object.fromEntries(names.map((name) => [name, name])));
}

function renamed(from: unknown, names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const facts = Object.entries(names).flatMap(([name, as]) => {
    const value = partOf(from, name);
    return typeof value === 'string' ? [[as, value] as const] : [];
  });
  return Object.fromEntries(facts);
}

function partOf(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null || !Object.hasOwn(from, name)) return undefined;
  return (from as Record<string, unknown>)[name];
}
