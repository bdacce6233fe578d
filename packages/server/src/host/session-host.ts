import type {
  AgentSessionList,
  ApplyPatchResponse,
  CreateSessionRequest,
  ForkRequest,
  Patch,
  PatchRequest,
  RevertPatchResponse,
  RevertRequest,
  Session,
  SessionStatus,
  Submission,
  SubmitResponse,
} from '@parleyhq/contract';
import type { Feed } from '../stream/feed.js';

/** A Session without its URLs, which depend on the request. */
export type SessionState = Omit<Session, 'ws_url' | 'http_url'> & Required<Pick<Session, 'approval_rules' | 'budget'>>;

/** Who gives a command, and the key that makes it safe to repeat (promise 4). */
export interface Caller {
  /** Sessions of other accounts are answered like unknown ones. */
  readonly account: string;
  readonly idempotencyKey?: string | undefined;
}

/** Which sessions of an agent are asked for. */
export interface AgentSessionsPage {
  readonly cwd: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of `event` frames as they are stored. The socket sends the same bytes. */
export interface HistoryPage {
  readonly frames: readonly string[];
  readonly nextAfter: number | null;
  readonly latestEventId: number;
}

/**
 * All access to sessions goes through a host. Commands and answers are plain data, so that a host can run in another process
 * one day. Every method rejects with a ServiceError whose code is in the error table.
 */
export interface SessionHost {
  create(caller: Caller, request: CreateSessionRequest): Promise<SessionState>;
  fork(caller: Caller, sessionId: string, request: ForkRequest): Promise<SessionState>;
  get(caller: Caller, sessionId: string): SessionState;
  list(
    caller: Caller,
    page: { limit: number; cursor?: string | undefined; status?: SessionStatus | undefined },
  ): { sessions: SessionState[]; next_cursor: string | null };
  /** `repeated`: an earlier request with the same submission_id or Idempotency-Key got the same answer. */
  submit(
    caller: Caller,
    sessionId: string,
    submission: Submission,
  ): Promise<{ readonly answer: SubmitResponse; readonly repeated: boolean }>;
  getPatch(caller: Caller, sessionId: string): Promise<Patch>;
  applyPatch(caller: Caller, sessionId: string, request: PatchRequest): Promise<ApplyPatchResponse>;
  revertPatch(caller: Caller, sessionId: string, request: RevertRequest): Promise<RevertPatchResponse>;
  /** A page of the sessions that an agent itself keeps of a directory, as far as the account may take them up. */
  agentSessions(caller: Caller, agent: string, page: AgentSessionsPage): Promise<AgentSessionList>;
  history(caller: Caller, sessionId: string, after: number, limit: number): Promise<HistoryPage>;
  /** Checks a cursor (CursorAhead, CursorExpired) and returns the feed for a subscription. */
  feed(caller: Caller, sessionId: string, after?: number): Feed;
  close(caller: Caller, sessionId: string, options: { purge: boolean }): Promise<void>;
  /** The account's latest session with an agent. */
  lastOf(caller: Caller, agent: string): SessionState | undefined;
  /** Whether the last attempt to use the log failed. */
  readonly degraded: boolean;
  /** How many sessions of the account are not closed. */
  openSessions(caller: Caller): number;
  /** Refuses new work, ends turns and agents, and resolves when the log has everything. */
  drain(): Promise<void>;
}
