import type { operations } from '@parleyhq/contract';

/** The rules that have an operation answered with success, each the quickest that does. */
const BY_OPERATION: Readonly<Record<keyof operations, readonly string[]>> = {
  createSession: [],
  listSessions: ['rest/list'],
  getSession: ['rest/session-follows-log'],
  closeSession: ['rest/close'],
  submit: ['rest/session-follows-log'],
  getPatch: ['rest/patch-direct'],
  applyPatch: ['rest/patch-direct'],
  revertPatch: ['rest/patch-direct'],
  getHistory: ['rest/history-ids'],
  probeEvents: ['rest/probe'],
  listAgents: ['rest/agents'],
  login: ['rest/login'],
  getLoginStatus: ['rest/login-status'],
  logout: ['rest/login'],
  getHealth: ['rest/health'],
  getOpenapi: ['rest/documents'],
  getAsyncapi: ['rest/documents'],
};

/** Those that have a field of it come, where the others do not. */
const BY_FIELD: Readonly<Record<string, readonly string[]>> = {
  'getSession pending_approvals': ['rest/approval'],
  'getSession pending_elicitations': ['rest/elicitation'],
  'getSession queued_turns': ['rest/queue'],
  'submit turn_id': ['rest/turn'],
  'getPatch conflicts': ['rest/patch-isolated'],
  'getPatch files': ['rest/patch-isolated'],
  'applyPatch files': ['rest/patch-isolated'],
  'revertPatch files': ['rest/patch-isolated'],
};

/** The rules that have a field come in an answer of success. */
export function provokedBy(operation: string, [field = '']: readonly string[] = []): readonly string[] {
  return BY_FIELD[`${operation} ${field}`] ?? BY_OPERATION[operation as keyof operations] ?? [];
}
