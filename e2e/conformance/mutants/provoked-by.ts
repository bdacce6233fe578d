import type { operations } from '@parleyhq/contract';

/** For each operation, the fastest rules that make it answer with success. */
const BY_OPERATION: Readonly<Record<keyof operations, readonly string[]>> = {
  createSession: [],
  listSessions: ['rest/list'],
  getSession: ['rest/session-follows-log'],
  closeSession: ['rest/close'],
  forkSession: ['rest/fork'],
  submit: ['rest/session-follows-log'],
  getPatch: ['rest/patch-direct'],
  applyPatch: ['rest/patch-direct'],
  revertPatch: ['rest/patch-direct'],
  getHistory: ['rest/history-ids'],
  probeEvents: ['rest/probe'],
  listAgents: ['rest/agents'],
  // No rule logs an agent in.
  authenticateAgent: [],
  listAgentSessions: ['rest/agent-sessions'],
  login: ['rest/login'],
  getLoginStatus: ['rest/login-status'],
  logout: ['rest/login'],
  getHealth: ['rest/health'],
  getOpenapi: ['rest/documents'],
  getAsyncapi: ['rest/documents'],
};

/** The rules that make certain fields appear, if the others do not. */
const BY_FIELD: Readonly<Record<string, readonly string[]>> = {
  'getSession approval_rules': ['rest/approval-rules'],
  'listSessions sessions': ['rest/list', 'rest/fork'],
  'getSession pending_approvals': ['rest/approval'],
  'getSession pending_elicitations': ['rest/elicitation'],
  'getSession queued_turns': ['rest/queue'],
  'submit turn_id': ['rest/turn'],
  'getPatch conflicts': ['rest/patch-isolated'],
  'getPatch files': ['rest/patch-isolated'],
  'applyPatch files': ['rest/patch-isolated'],
  'revertPatch files': ['rest/patch-isolated'],
};

/** The rules that make a field appear in a successful answer. */
export function provokedBy(operation: string, [field = '']: readonly string[] = []): readonly string[] {
  return BY_FIELD[`${operation} ${field}`] ?? BY_OPERATION[operation as keyof operations] ?? [];
}
