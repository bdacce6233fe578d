import { ServiceError } from '@parleyhq/contract';
import type { CheckedLimits } from '../limits.js';

/** How many connections there may be. */
export type CapacityLimits = Pick<
  CheckedLimits,
  'maxConnections' | 'maxConnectionsPerAccount' | 'maxConnectionsPerSession'
>;

/** The account and the session of a connection. */
export interface Place {
  readonly account: string;
  readonly sessionId: string;
}

/** The number of open connections. */
export interface Capacity {
  /** @throws ServiceError TooManyConnections if there is no room for one more. */
  check(place: Place): void;
  enter(place: Place): void;
  leave(place: Place): void;
}

/** Creates a count that begins at no connections. */
export function createCapacity(limits: CapacityLimits): Capacity {
  const { maxConnections, maxConnectionsPerAccount, maxConnectionsPerSession } = limits;
  const perAccount = new Map<string, number>();
  const perSession = new Map<string, number>();
  let all = 0;

  function add({ account, sessionId }: Place, change: number): void {
    all += change;
    count(perAccount, account, change);
    count(perSession, sessionId, change);
  }

  return {
    check({ account, sessionId }) {
      // Without this: takes any number of connections
      if (all >= maxConnections) throw tooMany(maxConnections, 'in all');
      if ((perAccount.get(account) ?? 0) >= maxConnectionsPerAccount)
        throw tooMany(maxConnectionsPerAccount, 'an account');
      // Without this: takes any number of connections to a session
      if ((perSession.get(sessionId) ?? 0) >= maxConnectionsPerSession)
        throw tooMany(maxConnectionsPerSession, 'a session');
    },
    enter: (place) => add(place, 1),
    leave: (place) => add(place, -1),
  };
}

// Accounts and sessions without connections are removed from the maps.
function count(counts: Map<string, number>, name: string, change: number): void {
  const next = (counts.get(name) ?? 0) + change;
  if (next > 0) counts.set(name, next);
  else counts.delete(name);
}

function tooMany(limit: number, what: string): ServiceError {
  return new ServiceError('TooManyConnections', `expected at most ${limit} connections ${what}`, { retryAfter: 5 });
}
