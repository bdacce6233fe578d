import { OptionError } from './option-error.js';

/** One limit of the server. */
interface Bound {
  /** The default; null for no limit. */
  readonly value: number | null;
  /** The largest value that the contract, or Node, allows. */
  readonly most?: number;
  /** What is limited, with the unit. */
  readonly what: string;
  /** What happens at the limit: a code of the error table, a close code, or a description. */
  readonly end: string;
}

/**
 * Every limit of the server, with its default. `LIMITS.md` has the same table; a test compares them. In a file for `--config`, the names are
 * written in snake_case under `limits`.
 */
export const LIMITS = {
  maxTcpConnections: { value: 16_384, what: 'TCP connections', end: 'closed at once' },
  maxHeaderBytes: {
    value: 16_384,
    what: 'bytes of the address, the names and the values of all headers',
    end: 'InvalidRequest',
  },
  maxHeaderCount: { value: 100, most: 1_000, what: 'headers of a request', end: 'InvalidRequest' },
  maxUrlBytes: { value: 8_192, what: 'bytes of a path with its query', end: 'InvalidRequest' },
  maxBodyBytes: { value: 8_388_608, what: 'bytes of a request body', end: 'PayloadTooLarge' },
  maxPublicBodyBytes: {
    value: 4_096,
    what: 'bytes of a body that is read without a credential: that of a login',
    end: 'PayloadTooLarge',
  },
  maxMetadataBytes: { value: 16_384, what: 'bytes of `metadata` as JSON', end: 'InvalidRequest' },
  maxHistoryPageEvents: { value: 1_000, most: 1_000, what: 'events of a page of history', end: 'a shorter page' },
  maxHistoryPageSize: {
    value: 4_194_304,
    what: 'bytes of a page of history; one event is always on it',
    end: 'a shorter page',
  },
  headersTimeoutMs: {
    value: 10_000,
    what: 'milliseconds for the headers of a request or handshake, and for the handshake of TLS',
    end: 'InvalidRequest, closed',
  },
  requestTimeoutMs: {
    value: 60_000,
    what: 'milliseconds for a whole request, its body too',
    end: 'InvalidRequest, closed',
  },
  maxUnreadSize: {
    value: 268_435_456,
    what: 'characters of answers over 64 KiB that clients have not taken yet',
    end: 'TooManyRequests',
  },
  maxUnreadSizePerCredential: {
    value: 67_108_864,
    what: 'characters of such answers to one token and its logins',
    end: 'TooManyRequests',
  },
  maxRequestsPerCredential: {
    value: 1_024,
    what: 'requests of one token and its logins that are being answered',
    end: 'TooManyRequests',
  },
  maxIncomingBytes: {
    value: 134_217_728,
    what: 'bytes of bodies and frames over 16 KiB that have arrived and are not dealt with yet',
    end: 'TooManyRequests; a socket is terminated (1006)',
  },
  maxIncomingBytesPerCredential: {
    value: 67_108_864,
    what: 'bytes of such bodies and frames of one token and its logins',
    end: 'TooManyRequests; a socket is terminated (1006)',
  },
  keepAliveTimeoutMs: { value: 65_000, what: 'milliseconds between two requests of a connection', end: 'closed' },

  maxConnections: { value: 10_000, what: 'open sockets', end: 'TooManyConnections' },
  maxConnectionsPerAccount: { value: 8_000, what: 'open sockets of an account', end: 'TooManyConnections' },
  maxConnectionsPerSession: { value: 10, what: 'open sockets of a session', end: 'TooManyConnections' },
  maxFrameBytes: { value: 1_048_576, what: "bytes of a client's frame", end: 'close 1009' },
  maxFramesPerSecond: { value: 100, what: 'frames of a client in a second', end: 'TooManyRequests' },
  maxBadFrames: { value: 16, what: 'frames in a row that do not fit the contract', end: 'close 4400' },
  heartbeatIntervalMs: {
    value: 15_000,
    what: 'milliseconds between two signs of life; a peer without any for two of them is gone',
    end: 'terminated (1006)',
  },

  loginLifetimeMs: { value: 86_400_000, what: 'milliseconds that a login lasts', end: 'Unauthorized, close 4401' },
  maxLogins: { value: 1_000, what: 'open logins', end: 'the oldest ends, close 4401' },
  maxFailedLoginsPerMinute: {
    value: 20,
    what: 'logins with a wrong token in a minute; a right one always passes',
    end: 'TooManyRequests',
  },
  maxAuditedRefusalsPerMinute: {
    value: 60,
    what: 'refused credentials that the audit log names in a minute',
    end: 'counted (`suppressed`)',
  },

  maxSessions: { value: 1_000, what: 'sessions that are not closed', end: 'TooManySessions' },
  maxSessionsPerAccount: {
    value: 800,
    what: "sessions of an account that are not closed, and at most four fifths of `max_sessions`; the owner's may be all",
    end: 'TooManySessions',
  },
  maxQueuedTurns: { value: 32, what: 'turns that wait in a session', end: 'QueueFull' },
  maxWaitingSize: {
    value: 134_217_728,
    what: 'characters of queued messages and open questions of all sessions, half of it for an account',
    end: 'QueueFull; a question is cancelled',
  },
  maxWaitingSizePerSession: {
    value: 16_777_216,
    what: 'characters of the queued messages and open questions of a session',
    end: 'QueueFull; a question is cancelled',
  },
  maxApprovalTimeoutMs: {
    value: 86_400_000,
    most: 86_400_000,
    what: 'milliseconds that an approval or a question waits for a person; a longer `approval_timeout` is cut to it',
    end: 'rejected, cancelled',
  },
  maxTurnSilenceMs: {
    value: 1_800_000,
    what: 'milliseconds that an agent may give no sign of life in a turn that waits for no person',
    end: 'the turn ends, `agent_unresponsive`',
  },
  agentTurnIdleMs: {
    value: 5_000,
    what: 'milliseconds of silence that end a turn which the agent began; while it waits for a person they do not count',
    end: 'the turn ends, `agent_idle`',
  },
  replaySilenceMs: {
    value: 300,
    what: 'milliseconds of silence after which an agent that resumed its conversation no longer repeats it',
    end: 'what it says then is new',
  },
  agentIdleMs: {
    value: 1_800_000,
    what: 'milliseconds without an event after which an idle agent is ended, unless it cannot resume',
    end: 'started again by the next message',
  },
  maxEventAgeMs: { value: null, what: 'milliseconds that events are kept', end: 'CursorExpired' },
  maxSessionLogSize: { value: null, what: 'characters of events that are kept of a session', end: 'CursorExpired' },
  retentionIntervalMs: {
    value: 60_000,
    what: 'milliseconds between two looks for events that need not be kept',
    end: 'looked at again',
  },
  logPatienceMs: {
    value: 10_000,
    what: 'milliseconds that an agent is held back while the log cannot be written',
    end: 'the turn ends, `log_unavailable`',
  },
  patchIntervalMs: {
    value: 1_000,
    what: 'milliseconds between two looks at what an agent has changed in its copy',
    end: 'looked at again',
  },
  copyReadTimeoutMs: {
    value: 30_000,
    what: 'milliseconds for each git command that reads a copy, into which an agent may have put anything',
    end: 'Unavailable, `patch_unreadable`',
  },

  maxEdits: {
    value: 10_000,
    what: 'edits of agents that are kept while they wait for consent',
    end: '`edits_omitted`',
  },
  maxEditsPerSession: { value: 1_000, what: 'edits of a session that are kept so', end: '`edits_omitted`' },
  maxEditBytes: { value: 268_435_456, what: 'bytes of these edits', end: 'the file is `omitted`' },
  maxEditBytesPerSession: {
    value: 67_108_864,
    what: 'bytes of these edits of a session',
    end: 'the file is `omitted`',
  },
  diffTimeoutMs: {
    value: 5_000,
    what: 'milliseconds to make the diff of a file, in a direct workspace',
    end: 'the file is `omitted`',
  },
  applyTimeoutMs: {
    value: 15_000,
    what: 'milliseconds for an agent to write a patch that it was allowed to, in a direct workspace',
    end: 'PatchConflict for files that it has not changed',
  },
  maxPatchBytes: {
    value: 4_194_304,
    what: 'bytes of a patch in an answer; half of them are for its diff',
    end: 'files are `omitted` or truncated',
  },

  agentStartTimeoutMs: {
    value: 30_000,
    what: 'milliseconds for an agent to start',
    end: 'AgentUnavailable',
  },
  agentLoginTimeoutMs: {
    value: 240_000,
    what: 'milliseconds for a person to finish a login of an agent',
    end: 'AgentLoginRequired',
  },
  interruptGraceMs: {
    value: 5_000,
    what: 'milliseconds that an agent has to obey an interrupt',
    end: 'ended; the turn is `interrupted`',
  },
  configureTimeoutMs: { value: 30_000, what: 'milliseconds for an agent to take an option', end: 'AgentUnavailable' },
  maxImportedEvents: {
    value: 5_000,
    what: 'events of what an agent tells of a session of its own that is taken up',
    end: 'the oldest turns are left out, `history_cut`',
  },
  maxImportedSize: {
    value: 4_194_304,
    what: 'characters of these events',
    end: 'the oldest turns are left out, `history_cut`',
  },
  maxAgentLineBytes: {
    value: 16_777_216,
    what: 'bytes of a line that an agent writes',
    end: 'the agent is ended, `agent_error`',
  },
  maxAgentQueueEvents: { value: 1_024, what: 'updates by which an agent is ahead', end: 'held back' },
  maxAgentQueueBytes: { value: 4_194_304, what: 'bytes by which an agent is ahead', end: 'held back' },
} as const satisfies Record<string, Bound>;

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS;

/** Limits that an operator chooses: whole numbers above 0. `LIMITS` describes each of them and has the defaults. */
export type ServerLimits = { readonly [Name in LimitName]?: number | undefined };

/** All limits, with the defaults filled in; undefined for no limit. */
export type CheckedLimits = {
  readonly [Name in LimitName]: (typeof LIMITS)[Name]['value'] extends null ? number | undefined : number;
};

/**
 * Fills in the defaults.
 *
 * @throws OptionError for an unknown limit or an invalid number.
 */
export function checkLimits(given: ServerLimits = {}): CheckedLimits {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(LIMITS, name)) throw wrong(`one of ${Object.keys(LIMITS).join(', ')}`, name);
  }
  const bounds: readonly [string, Bound][] = Object.entries(LIMITS);
  const checked = bounds.map(([name, { value, most = Number.MAX_SAFE_INTEGER }]) => {
    const chosen = given[name as LimitName] ?? value ?? undefined;
    if (chosen !== undefined && !(Number.isInteger(chosen) && chosen > 0 && chosen <= most)) {
      throw wrong(`${name} to be a whole number from 1 to ${most}`, String(chosen));
    }
    return [name, chosen];
  });
  return Object.fromEntries(checked) as CheckedLimits;
}

function wrong(expected: string, got: string): OptionError {
  return new OptionError('limits', `expected ${expected}, got ${got}`);
}
