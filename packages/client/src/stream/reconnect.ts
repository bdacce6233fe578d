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

/** The options of the connections of a session. */
export interface ReconnectOptions {
  url(since: number): string;
  token(): Promise<string | undefined>;
  /** Whether calling `token` again may give another token. */
  readonly renewable: boolean;
  /** Asks by `probeEvents` why the server refuses a socket; UpgradeRequired means that it would accept one. */
  probe(since: number, signal: AbortSignal): Promise<ServiceError>;
  readonly WebSocket: WebSocketConstructor | undefined;
  /** How many milliseconds to wait until the server acknowledges a socket. */
  readonly handshakeTimeout: number;
  /** The maximum number of failed attempts in a row. */
  readonly maxReconnects: number;
  readonly backoff: Backoff;
  readonly logger: Logger;
}

/** What to read, and where it goes. */
export interface Reading {
  /** The id of the last event that the reader has. */
  readonly after: number;
  /** Ends the reading when it is aborted. */
  readonly signal: AbortSignal;
  /** Gets every event after `after`, once and in order. */
  event(event: SessionEvent, size: number): void;
  status(status: ConnectionStatus): void;
}

/** The state between two attempts. */
interface State {
  /** The last event received: each connection resumes from it. */
  position: number;
  /** Attempts since the last good connection. */
  failures: number;
  /** How often another token was requested since then. */
  renewals: number;
  /** The sum of `Retry-After` since then, in seconds. */
  asked: number;
}

/**
 * Reads a session's events across any number of connections, each resumed from the last event received, until the stream
 * ends (promise 3). Between attempts it waits with backoff, and at least as long as the server asks for. If the server asks
 * for too much in total, it gives up.
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

/** One connection, and the verdict on its end. A token function that fails counts as a failed connection. */
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

/** One connection, from the current position on until it ends. */
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
