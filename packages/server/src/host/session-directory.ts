import { ServiceError, type SessionStatus } from '@parleyhq/contract';
import type { SessionActor } from '../sessions/session.js';
import type { Caller, SessionState } from './session-host.js';

/** The sessions of a server by id, each visible to its own account only. */
export interface SessionDirectory {
  add(session: SessionActor): void;
  remove(sessionId: string): void;
  /** @throws ServiceError `SessionNotFound`, for a session of another account too. */
  find(caller: Caller, sessionId: string): SessionActor;
  list(
    caller: Caller,
    page: { limit: number; cursor?: string | undefined; status?: SessionStatus | undefined },
  ): { sessions: SessionState[]; next_cursor: string | null };
  all(): readonly SessionActor[];
  /** How many sessions are not closed: of an account, or in all. */
  open(account?: string): number;
}

/** Creates an empty directory. Sessions are added in the order in which they were created. */
export function createSessionDirectory(): SessionDirectory {
  const sessions = new Map<string, SessionActor>();

  return {
    add: (session) => void sessions.set(session.feed.sessionId, session),
    remove: (sessionId) => void sessions.delete(sessionId),
    all: () => [...sessions.values()],
    open(account) {
      let count = 0;
      for (const { journal } of sessions.values()) {
        const { durable } = journal;
        if (durable.state.closed_at === null && (account ?? durable.account) === durable.account) count += 1;
      }
      return count;
    },

    find({ account }, sessionId) {
      const session = sessions.get(sessionId);
      if (session?.journal.durable.account === account) return session;
      // Anything that is not an id, for example a token pasted into the path, is not repeated in the message.
      throw new ServiceError('SessionNotFound', `No session ${UUID.test(sessionId) ? sessionId : 'of this id'}.`);
    },

    list({ account }, { limit, cursor, status }) {
      const before = cursor === undefined ? undefined : decode(cursor);
      const seen = [...sessions.values()]
        .map(({ journal }) => journal.durable)
        .filter((fold) => fold.account === account && (status === undefined || fold.state.status === status))
        .map(({ state }) => state)
        .sort((a, b) => compare(key(b), key(a)))
        .filter((state) => before === undefined || compare(key(state), before) < 0);
      const page = fitting(seen.slice(0, limit));
      const last = page.at(-1);
      return {
        sessions: page,
        next_cursor: last !== undefined && seen.length > page.length ? encode(key(last)) : null,
      };
    },
  };
}

/** The most characters of a page as JSON. */
const PAGE_SIZE = 4_194_304;

/** The first states that fit into a page, and at least one: agents decide how much a session shows. */
function fitting(states: readonly SessionState[]): SessionState[] {
  let room = PAGE_SIZE;
  const end = states.findIndex((state, index) => {
    room -= JSON.stringify(state).length;
    // Without this: makes a page as large as agents like
    return room < 0 && index > 0;
  });
  return states.slice(0, end < 0 ? states.length : end);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Where a session stands in the list: by its creation, and by id among those of the same millisecond. */
type Key = readonly [createdAt: number, sessionId: string];

function key({ created_at, session_id }: SessionState): Key {
  return [created_at, session_id];
}

function compare(a: Key, b: Key): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}

function encode([createdAt, sessionId]: Key): string {
  return Buffer.from(`${createdAt}:${sessionId}`).toString('base64url');
}

function decode(cursor: string): Key {
  const [createdAt, sessionId] = Buffer.from(cursor, 'base64url').toString().split(':');
  if (createdAt !== undefined && sessionId !== undefined && /^\d{1,16}$/.test(createdAt)) {
    return [Number(createdAt), sessionId];
  }
  const message = 'expected the next_cursor of the page before';
  throw new ServiceError('InvalidRequest', `cursor: ${message}.`, { details: [{ pointer: '/query/cursor', message }] });
}
