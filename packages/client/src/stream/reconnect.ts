import type { ConnectionAck, ServiceError } from '@parleyhq/contract';
import { toError } from '../errors.js';
import { PATIENCE_OF_STREAMS } from '../http/retry-after.js';
import type { Logger } from '../logger.js';
import { type Backoff, backoffDelay, wait } from './backoff.js';
import { openConnection } from './connection.js';
import type { ConnectionStatus } from './connection-status.js';
import type { SessionEvent } from './session-event.js';
import { gaveUp, type StreamEnd } from './stream-end.js';
import { judge, type Outcome, type Verdict } from './verdict.js';
import type { WebSocketConstructor } from './web-socket.js';

/** How connections of a session come about. */
export interface ReconnectOptions {
  url(since: number): string;
  token(): Promise<string | undefined>;
  /** Whether `token` may give another one when it is asked again. */
  readonly renewable: boolean;
  /** Why no socket is let in: `probeEvents`, whose UpgradeRequired means that one would be. */
  probe(since: number, signal: AbortSignal): Promise<ServiceError>;
  readonly WebSocket: WebSocketConstructor | undefined;
  /** Milliseconds until the server must have acknowledged a socket. */
  readonly handshakeTimeout: number;
  /** Attempts in a row without a good connection. */
  readonly maxReconnects: number;
  readonly backoff: Backoff;
  readonly logger: Logger;
}

/** What is read. */
export interface Reading {
  /** The cursor to start behind. */
  readonly after: number;
  /** Ends the reading once it is aborted. */
  readonly signal: AbortSignal;
  /** Gets every event behind the cursor, once and in order. */
  event(event: SessionEvent, size: number): void;
  status(status: ConnectionStatus): void;
}

/** What is known between two attempts. */
interface State {
  /** The last event received: each connection resumes from it. */
  position: number;
  /** Attempts since the last good connection. */
  failures: number;
  /** How often another token was asked for since then. */
  renewals: number;
  /** The seconds that the server has asked for with `Retry-After` since then. */
  asked: number;
}

/**
 * Reads a session's events across any number of connections, each resumed from the last event received, until the stream
 * has an end (promise 3). Between two attempts it waits, the longer the more have failed in a row, and as long as the server
 * asks for; where that comes to more than it has patience for, it gives up.
 */
export async function keepConnected(options: ReconnectOptions, reading: Reading): Promise<StreamEnd> {
  const state: State = { position: reading.after, failures: 0, renewals: 0, asked: 0 };
  try {
    for (;;) {
      reading.status({ status: 'connecting' });
      const verdict = await attempt(state, options, reading);
      if ('end' in verdict) return verdict.end;
      const { error, retryAfter = 0 } = verdict;
      const attempts = ++state.failures;
      state.asked += retryAfter;
      // Without this: waits for a server as long as that likes
      if (attempts > options.maxReconnects || state.asked > PATIENCE_OF_STREAMS) {
        return gaveUp(`connect to ${options.url(state.position)}`, attempts, error);
      }
      const delay = Math.max(backoffDelay(attempts - 1, options.backoff), retryAfter * 1000);
      reading.status({ status: 'waiting', attempt: attempts, delay, error });
      await wait(delay, reading.signal);
    }
  } catch (error) {
    return reading.signal.aborted ? { reason: 'left' } : { reason: 'failed', error };
  }
}

/** One connection, and what follows from its end. A token function that fails is like a connection that does. */
async function attempt(state: State, options: ReconnectOptions, reading: Reading): Promise<Verdict> {
  let token: string | undefined;
  try {
    token = await options.token();
  } catch (error) {
    if (!options.renewable) throw error;
    return { error: toError(error) };
  }
  reading.signal.throwIfAborted();
  const outcome = await connect(state, token, options, reading);
  options.logger.debug('A connection has ended.', { ...outcome, position: state.position });
  // Without this: counts failures from before a good connection
  if (outcome.good) state.failures = state.renewals = state.asked = 0;
  // Without this: ends where another token would do
  const canRenew = options.renewable && state.renewals === 0;
  // Without this: asks for tokens without an end
  if (outcome.code === 4401) state.renewals++;
  const verdict = await judge(outcome, canRenew, () => options.probe(state.position, reading.signal));
  reading.signal.throwIfAborted();
  return verdict;
}

/** One connection from the position to its end. */
function connect(
  state: State,
  token: string | undefined,
  options: ReconnectOptions,
  { signal, event, status }: Reading,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const since = state.position;
    let ack: ConnectionAck | undefined;
    let goodAt = Number.POSITIVE_INFINITY;
    const connection = openConnection({
      // Without this: resumes behind an event that it has not
      url: options.url(since),
      token,
      WebSocket: options.WebSocket,
      handshakeTimeout: options.handshakeTimeout,
      logger: options.logger,
      acknowledged(received) {
        ack = received;
        goodAt = performance.now() + ack.heartbeat_interval_ms;
        status({ status: 'open' });
      },
      event(received, size) {
        // Without this: takes an event twice from a socket
        if (received.id <= state.position) return; // A duplicate.
        // Without this: passes over a gap
        if (received.id > state.position + 1) {
          return connection.drop(`Event ${received.id} came after ${state.position}: the gap heals by resuming.`);
        }
        state.position = received.id;
        event(received, size);
      },
      ended(end) {
        signal.removeEventListener('abort', leave);
        const good = state.position > since || performance.now() >= goodAt;
        const complete = ack !== undefined && state.position >= ack.latest_event_id;
        resolve({ ...end, acknowledged: ack !== undefined, good, complete });
      },
    });
    signal.addEventListener('abort', leave, { once: true });

    function leave(): void {
      connection.leave();
      reject(signal.reason);
    }
  });
}
