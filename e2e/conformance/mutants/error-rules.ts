/** Codes that no rule can provoke from outside, and why. */
export const OUT_OF_REACH: Readonly<Record<string, string>> = {
  TooManyConnections: 'how many sockets are taken is for the operator to say',
  TooManySessions: 'how many sessions are taken is for the operator to say',
  TooManyRequests: 'how many requests are taken is for the operator to say, and each of them is tried again',
  InternalError: 'a server fails by a mistake of its own alone',
  AgentUnavailable: 'an agent that cannot start has to be configured by the operator',
  Unavailable: 'a server stops, or cannot write its log, by its operator alone',
  CursorExpired: 'how long events are kept is for the operator to say',
  Forbidden: 'in this operation: it is the same check for all of them, tried where it is named',
};

const PROMISES: Readonly<Record<string, number>> = {
  IdempotencyConflict: 4,
  CursorAhead: 3,
  PatchConflict: 7,
  PatchSuperseded: 7,
  NothingToRevert: 7,
  NoPendingPatch: 7,
};

/** The promise that a code belongs to; most are of what the documents describe. */
export function promiseOf(code: string): number {
  return PROMISES[code] ?? 9;
}

/** The rule that has an operation give a code; undefined where none can. */
export function ruleOf(operation: string, code: string): string | undefined {
  const named: Readonly<Record<string, string>> = {
    'createSession IdempotencyConflict': 'rest/idempotent-create',
    'submit IdempotencyConflict': 'rest/idempotent-submit',
    'applyPatch IdempotencyConflict': 'rest/patch-direct',
    'submit ApprovalNotFound': 'rest/refusal-not-kept',
    'submit ApprovalResolved': 'rest/approval',
    'submit QueueFull': 'rest/queue-full',
    'submit SessionClosed': 'rest/close',
    'applyPatch SessionClosed': 'rest/close',
    'revertPatch SessionClosed': 'rest/close',
    'getPatch NoPendingPatch': 'rest/patch-direct',
    'applyPatch NoPendingPatch': 'rest/patch-rejected',
    'applyPatch PatchSuperseded': 'rest/patch-direct',
    'applyPatch PatchConflict': 'rest/patch-isolated',
    'revertPatch NothingToRevert': 'rest/patch-direct',
    'getHistory CursorAhead': 'rest/history-cursor',
    'probeEvents CursorAhead': 'rest/probe',
    'probeEvents UpgradeRequired': 'rest/probe',
    'listSessions InvalidRequest': 'rest/invalid-parameter (listSessions limit)',
    'getHistory InvalidRequest': 'rest/invalid-parameter (getHistory limit)',
    'closeSession InvalidRequest': 'rest/invalid-parameter (closeSession purge)',
    'probeEvents InvalidRequest': 'rest/invalid-parameter (probeEvents since_event_id)',
    'login Unauthorized': 'rest/login-unknown',
    'listSessions Forbidden': 'rest/foreign-host',
    'getHealth Forbidden': 'rest/foreign-host',
  };
  const general: Readonly<Record<string, string>> = {
    InvalidRequest: 'rest/invalid-body',
    Unauthorized: 'rest/credentials',
    SessionNotFound: 'rest/unknown-session',
    PayloadTooLarge: 'rest/too-large',
    UnsupportedMediaType: 'rest/media-type',
  };
  const rule = general[code];
  return named[`${operation} ${code}`] ?? (rule && `${rule} (${operation})`);
}
