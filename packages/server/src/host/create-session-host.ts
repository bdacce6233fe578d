import { setMaxListeners } from 'node:events';
import { type ApplyPatchResponse, type RevertPatchResponse, ServiceError, type Submission } from '@parleyhq/contract';
import { OWNER_ACCOUNT } from '../auth/principal.js';
import { createIdempotency } from '../journal/idempotency.js';
import type { CheckedLimits } from '../limits.js';
import type { StoredEvent } from '../log/event-log.js';
import { watchLog } from '../log/watch-log.js';
import { createDiffer, type DiffLimits } from '../patches/differ.js';
import type { SessionActor } from '../sessions/session.js';
import { createAgentSessions } from './agent-sessions.js';
import { retain } from './retention.js';
import { createSessionDirectory } from './session-directory.js';
import type { Caller, HistoryPage, SessionHost, SessionState } from './session-host.js';
import { createSessionStarter, type StartLimits, type StartOptions } from './session-starter.js';

/** The limits of a host and of its sessions. */
export type HostLimits = StartLimits &
  DiffLimits &
  Pick<
    CheckedLimits,
    | 'maxSessions'
    | 'maxSessionsPerAccount'
    | 'maxHistoryPageEvents'
    | 'maxHistoryPageSize'
    | 'maxEventAgeMs'
    | 'maxSessionLogSize'
    | 'retentionIntervalMs'
  >;

/** The options of a host. */
export interface SessionHostOptions extends Omit<StartOptions, 'differ' | 'agentSessions'> {
  readonly limits: HostLimits;
}

/** How many sessions are read from the log at the same time at the start. */
const RESTORED_AT_ONCE = 16;

/** Restores the sessions of the log and opens the host for them and for new ones. */
export async function createSessionHost(options: SessionHostOptions): Promise<SessionHost> {
  const { limits, logger } = options;
  const { maxSessions } = limits;
  const log = watchLog(options.log);
  const stopping = new AbortController();
  // Every agent that starts listens to this signal. Node would report eleven listeners as a leak.
  setMaxListeners(0, stopping.signal);
  const differ = createDiffer(limits);
  const sessions = createSessionDirectory();
  const agentSessions = createAgentSessions({ ...options, sessions, stopping: stopping.signal });
  const starter = createSessionStarter({ ...options, log, differ, agentSessions, stopping: stopping.signal });
  const idempotency = createIdempotency(log);
  /** The agents that are being started, each with the account that it is for. */
  const starting = new Map<Promise<unknown>, string>();

  function refuseWhileStopping(): void {
    if (stopping.signal.aborted) throw new ServiceError('Unavailable', 'The server is stopping.', { retryAfter: 5 });
  }

  function checkRoom(account: string): void {
    // Without this: opens any number of sessions
    if (sessions.open() + starting.size >= maxSessions) throw tooMany('The server has', maxSessions);
    const own = sessions.open(account) + [...starting.values()].filter((other) => other === account).length;
    const most = Math.min(limits.maxSessionsPerAccount, Math.max(1, Math.floor((maxSessions * 4) / 5)));
    // Without this: lets one account take all sessions
    if (account !== OWNER_ACCOUNT && own >= most) throw tooMany('An account has', most);
  }

  /** Starts an agent, which counts as a session of the account meanwhile. */
  async function whileStarting<T>(account: string, start: () => Promise<T>): Promise<T> {
    checkRoom(account);
    const started = start();
    starting.set(started, account);
    try {
      return await started;
    } catch (error) {
      refuseWhileStopping();
      throw error;
    } finally {
      starting.delete(started);
    }
  }

  const known = await log.sessions();
  for (let next = 0; next < known.length; next += RESTORED_AT_ONCE) {
    const restored = await Promise.all(known.slice(next, next + RESTORED_AT_ONCE).map((id) => starter.restore(id)));
    for (const session of restored) {
      if (session === undefined) continue;
      sessions.add(session);
      await session.recover();
    }
  }
  const opened = sessions.all().filter(({ journal }) => journal.durable.state.closed_at === null);
  await starter.sweep(new Set(opened.map(({ feed }) => feed.sessionId)));

  const retentionTimer = startRetention();

  async function add(creating: Promise<SessionActor>): Promise<SessionState> {
    const session = await creating;
    sessions.add(session);
    return session.journal.durable.state;
  }

  function startRetention(): NodeJS.Timeout | undefined {
    const retention = { maxAge: limits.maxEventAgeMs, maxSize: limits.maxSessionLogSize };
    if (retention.maxAge === undefined && retention.maxSize === undefined) return undefined;
    let busy = false;
    return setInterval(() => {
      if (busy) return;
      busy = true;
      retain(log, sessions.all(), retention, logger)
        .catch((err: unknown) => logger.error({ err }, 'events past their retention could not be removed'))
        .finally(() => {
          busy = false;
        });
    }, limits.retentionIntervalMs).unref();
  }

  return {
    openSessions: ({ account }) => sessions.open(account),
    get degraded() {
      return log.failing;
    },
    // Without this: tells the modes of another account's session
    lastOf: ({ account }, agent) =>
      sessions
        .all()
        .map(({ journal }) => journal.durable)
        .filter((fold) => fold.account === account)
        .findLast(({ state }) => state.agent === agent)?.state,
    get: (caller, sessionId) => sessions.find(caller, sessionId).journal.durable.state,
    list: (caller, page) => sessions.list(caller, page),

    async create(caller, request) {
      refuseWhileStopping();
      const scope = { account: caller.account, operation: 'createSession', key: caller.idempotencyKey };
      const { answer } = await idempotency.once<SessionState>(scope, request, (record) => {
        const recordOf = record?.((_, { state }) => state);
        const create = () => add(starter.create(caller.account, request, recordOf));
        return whileStarting(caller.account, () => agentSessions.reserve(caller.account, request, create));
      });
      return answer;
    },

    async fork(caller, sessionId, request) {
      refuseWhileStopping();
      const source = sessions.find(caller, sessionId);
      const key = caller.idempotencyKey;
      const scope = { account: caller.account, operation: 'forkSession', session: sessionId, key };
      const { answer } = await idempotency.once<SessionState>(scope, request, (record) =>
        whileStarting(caller.account, () =>
          add(
            starter.fork(
              source,
              request,
              record?.((_, { state }) => state),
            ),
          ),
        ),
      );
      return answer;
    },

    async agentSessions({ account }, agent, page) {
      refuseWhileStopping();
      return whileStarting(account, () => agentSessions.list(account, agent, page));
    },

    async submit(caller, sessionId, submission) {
      refuseWhileStopping();
      const session = sessions.find(caller, sessionId);
      const key = submissionKey(caller, submission);
      const given = key === undefined ? submission : { ...submission, submission_id: key };
      const scope = { account: caller.account, operation: 'submit', session: sessionId, key };
      return idempotency.once(scope, given, (record) => session.submit(given, record));
    },

    async getPatch(caller, sessionId) {
      return sessions.find(caller, sessionId).patches.current();
    },

    async applyPatch(caller, sessionId, request) {
      refuseWhileStopping();
      const { patches } = sessions.find(caller, sessionId);
      const scope = {
        account: caller.account,
        operation: 'applyPatch',
        session: sessionId,
        key: caller.idempotencyKey,
      };
      const { answer } = await idempotency.once<ApplyPatchResponse>(scope, request, (record) =>
        patches.apply(request, record),
      );
      return answer;
    },

    async revertPatch(caller, sessionId, request) {
      refuseWhileStopping();
      const { patches } = sessions.find(caller, sessionId);
      const scope = {
        account: caller.account,
        operation: 'revertPatch',
        session: sessionId,
        key: caller.idempotencyKey,
      };
      const { answer } = await idempotency.once<RevertPatchResponse>(scope, request, (record) =>
        patches.revert(request, record),
      );
      return answer;
    },

    async history(caller, sessionId, after, limit): Promise<HistoryPage> {
      const { feed } = sessions.find(caller, sessionId);
      checkCursor(feed, after, 'after');
      const latestEventId = feed.latest;
      // Without this: gives history other ids than the socket
      const page = await log.read(sessionId, after, {
        events: Math.min(limit, limits.maxHistoryPageEvents),
        bytes: limits.maxHistoryPageSize,
      });
      const shown = fitting(
        page.filter(({ id }) => id <= latestEventId),
        limits.maxHistoryPageSize,
      );
      const last = shown.at(-1)?.id ?? after;
      return {
        frames: shown.map(({ frame }) => frame),
        nextAfter: last < latestEventId ? last : null,
        latestEventId,
      };
    },

    feed(caller, sessionId, after) {
      const { feed } = sessions.find(caller, sessionId);
      if (after !== undefined) checkCursor(feed, after, 'since_event_id');
      return feed;
    },

    async close(caller, sessionId, { purge }) {
      const session = sessions.find(caller, sessionId);
      await session.close();
      if (!purge) return;
      await log.purge(sessionId);
      sessions.remove(sessionId);
      session.feed.purge();
      await session.forget();
    },

    async drain() {
      stopping.abort();
      clearInterval(retentionTimer);
      await Promise.allSettled(starting.keys());
      await Promise.all(sessions.all().map((session) => session.drain()));
      await differ.close();
    },
  };
}

/** The most bytes of a page beside its frames and the commas between them. */
const ENVELOPE = 128;

/** The first of these events, as far as a page of so many bytes has room for them; one at least. */
function fitting(events: readonly StoredEvent[], maxBytes: number): readonly StoredEvent[] {
  let bytes = ENVELOPE;
  const end = events.findIndex(({ frame }, index) => {
    bytes += Buffer.byteLength(frame) + 1;
    // Without this: makes a page of history longer than the contract says
    return index > 0 && bytes > maxBytes;
  });
  return end === -1 ? events : events.slice(0, end);
}

/** The key of a submission: its Idempotency-Key or its submission_id. If both are given, they must be equal. */
function submissionKey({ idempotencyKey }: Caller, { submission_id }: Submission): string | undefined {
  if (idempotencyKey === undefined || submission_id === undefined || idempotencyKey === submission_id) {
    return idempotencyKey ?? submission_id;
  }
  const message = `expected the Idempotency-Key ${idempotencyKey}, got ${submission_id}`;
  throw new ServiceError('InvalidRequest', `submission_id: ${message}.`, {
    details: [{ pointer: '/body/submission_id', message }],
  });
}

function checkCursor(feed: { earliest: number; latest: number }, after: number, name: string): void {
  // Without this: takes a cursor ahead of the log
  if (after > feed.latest) {
    throw new ServiceError('CursorAhead', `${name}: event ${after} is ahead of the log, which ends at ${feed.latest}.`);
  }
  // Without this: takes a cursor of events that are no longer kept
  if (after + 1 < feed.earliest) {
    throw new ServiceError('CursorExpired', `${name}: the log begins at event ${feed.earliest}.`);
  }
}

function tooMany(who: string, most: number): ServiceError {
  return new ServiceError('TooManySessions', `${who} ${most} open sessions at most.`, { retryAfter: 10 });
}
