import type {
  AgentMode,
  ApplyPatchResponse,
  CreateSessionRequest,
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

/** A Session without the addresses, which depend on the request that asks. */
export type SessionState = Omit<Session, 'ws_url' | 'http_url'>;

/** Whose command it is, and the key that makes it safe to repeat (promise 4). */
export interface Caller {
  /** Sessions of other accounts are answered like unknown ones. */
  readonly account: string;
  readonly idempotencyKey?: string | undefined;
}

/** A page of `event` frames as they are stored: the bytes that the socket sends. */
export interface HistoryPage {
  readonly frames: readonly string[];
  readonly nextAfter: number | null;
  readonly latestEventId: number;
}

/**
 * The only way from handlers to sessions. Commands and answers are plain data, so that a host may one day live in
 * another process. Every method rejects with a ServiceError whose code is in the error table.
 */
export interface SessionHost {
  create(caller: Caller, request: CreateSessionRequest): Promise<SessionState>;
  get(caller: Caller, sessionId: string): SessionState;
  list(
    caller: Caller,
    page: { limit: number; cursor?: string | undefined; status?: SessionStatus | undefined },
  ): { sessions: SessionState[]; next_cursor: string | null };
  /** `repeated`: an earlier request with the same submission_id or Idempotency-Key got this answer first. */
  submit(
    caller: Caller,
    sessionId: string,
    submission: Submission,
  ): Promise<{ readonly answer: SubmitResponse; readonly repeated: boolean }>;
  getPatch(caller: Caller, sessionId: string): Promise<Patch>;
  applyPatch(caller: Caller, sessionId: string, request: PatchRequest): Promise<ApplyPatchResponse>;
  revertPatch(caller: Caller, sessionId: string, request: RevertRequest): Promise<RevertPatchResponse>;
  history(caller: Caller, sessionId: string, after: number, limit: number): Promise<HistoryPage>;
  /** Checks a cursor (CursorAhead, CursorExpired) and gives what a subscription reads from. */
  feed(caller: Caller, sessionId: string, after?: number): Feed;
  close(caller: Caller, sessionId: string, options: { purge: boolean }): Promise<void>;
  /** The modes of an agent as its last session here said. */
  modesOf(agent: string): readonly AgentMode[] | undefined;
  /** Whether the log could not be written when it was last tried. */
  readonly degraded: boolean;
  /** Sessions that are not closed. */
  readonly openSessions: number;
  /** Takes no new work, ends turns and agents, and resolves when the log has everything. */
  drain(): Promise<void>;
}
