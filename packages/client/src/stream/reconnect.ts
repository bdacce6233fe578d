import { type ConnectionAck, closeCodes, type ErrorCode, ServiceError } from '@parleyhq/contract';
import { ConnectionError } from '../errors.js';
import type { Logger } from '../logger.js';
import { type Backoff, backoffDelay, wait } from './backoff.js';
import { type ConnectionEnd, openConnection } from './connection.js';
import type { SessionEvent } from './session-event.js';
import { endOf, type StreamEnd } from './stream-end.js';
import type { WebSocketConstructor } from './web-socket.js';

/** What a status light shows. */
export type ConnectionStatus =
  | { readonly status: 'connecting' }
  | { readonly status: 'open' }
  /** The connection broke; the next attempt follows in `delay` milliseconds. */
  | { readonly status: 'waiting'; readonly attempt: number; readonly delay: number; readonly error: Error }
  /** The loop is slower than the events: the stream goes on from the log once the loop has caught up. */
  | { readonly status: 'paused' }
  | { readonly status: 'ended'; readonly end: StreamEnd };

/** How connections of a session come about. */
export interface SharedConnectionOptions {
  url(since: number): string;
  token(): Promise<string | undefined>;
  /** Whether `token` may give another one when it is asked again. */
  readonly renewable: boolean;
  /** Why no socket is let in: `probeEvents`, whose UpgradeRequired means that one would be. */
  probe(since: number, signal: AbortSignal): Promise<ServiceError>;
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly handshakeTimeout: number;
  /** Attempts in a row without a good connection. */
  readonly maxReconnects: number;
  readonly backoff: Backoff;
  readonly logger: Logger;
}

/** Somebody who reads along. */
export interface Reader {
  /** The last event that it has. */
  readonly received: number;
  event(event: SessionEvent, size: number): void;
  status(status: ConnectionStatus): void;
  end(end: StreamEnd): void;
}

/** The one connection that all readers of a session share; there is none while nobody reads. */
export interface SharedConnection {
  /** Reads along from `reader.received`, or returns false where the connection is past that: read the log first. */
  join(reader: Reader): boolean;
  leave(reader: Reader): void;
}

/** A stretch of time with readers, across any number of reconnects. */
interface Line {
  readonly readers: Set<Reader>;
  readonly stop: AbortController;
  /** The last event passed on: each connection resumes from it. */
  position: number;
  status: ConnectionStatus;
}

/** What follows from the end of a connection. */
type Verdict = { readonly end: StreamEnd } | { readonly error: Error; readonly retryAfter?: number | undefined };

/**
 * Keeps one connection for all readers of a session and resumes it from the last event received, so that each reader
 * gets every event once and in order, however often the connection breaks (promise 3).
 */
export function createSharedConnection(options: SharedConnectionOptions): SharedConnection {
  let current: Line | undefined;
  return {
    join(reader) {
      if (current && reader.received < current.position) return false;
      if (current) {
        current.readers.add(reader);
        reader.status(current.status);
        return true;
      }
      const line: Line = {
        readers: new Set([reader]),
        stop: new AbortController(),
        position: reader.received,
        status: { status: 'connecting' },
      };
      current = line;
      void keepConnected(line, options).then((end) => {
        if (current === line) current = undefined;
        for (const other of line.readers) other.end(end);
      });
      return true;
    },
    leave(reader) {
      if (!current?.readers.delete(reader) || current.readers.size > 0) return;
      current.stop.abort();
      current = undefined;
    },
  };
}

/** Connects again and again; resolves with the end of the stream. */
async function keepConnected(line: Line, options: SharedConnectionOptions): Promise<StreamEnd> {
  const { signal } = line.stop;
  const state: Attempts = { failures: 0, renewals: 0 };
  try {
    for (;;) {
      publish(line, { status: 'connecting' });
      const verdict = await attempt(line, state, options);
      if ('end' in verdict) return verdict.end;
      const { error, retryAfter = 0 } = verdict;
      const attempts = ++state.failures;
      if (attempts > options.maxReconnects) {
        const message = `Gave up after ${attempts} attempts in a row to connect to ${options.url(line.position)}`;
        return { reason: 'gave_up', error: new ConnectionError(message, { attempts, cause: error }) };
      }
      const delay = Math.max(backoffDelay(attempts - 1, options.backoff), retryAfter * 1000);
      publish(line, { status: 'waiting', attempt: attempts, delay, error });
      await wait(delay, signal);
    }
  } catch (error) {
    return signal.aborted ? { reason: 'left' } : { reason: 'failed', error };
  }
}

/** One connection, and what follows from its end. A token function that fails is like a connection that does. */
async function attempt(line: Line, state: Attempts, options: SharedConnectionOptions): Promise<Verdict> {
  let token: string | undefined;
  try {
    token = await options.token();
  } catch (error) {
    return { error: error instanceof Error ? error : new Error('The token function failed.', { cause: error }) };
  }
  line.stop.signal.throwIfAborted();
  const outcome = await connect(line, token, options);
  options.logger.debug('A connection has ended.', { ...outcome, position: line.position });
  if (outcome.good) state.failures = state.renewals = 0;
  const verdict = await judge(outcome, state.renewals, line, options);
  if (outcome.code === 4401) state.renewals++;
  return verdict;
}

/** Since the last good connection. */
interface Attempts {
  failures: number;
  /** How often another token was asked for. */
  renewals: number;
}

interface Outcome extends ConnectionEnd {
  readonly acknowledged: boolean;
  /** It brought an event or lived for a heartbeat interval: the next failure is a new one. */
  readonly good: boolean;
  /** Whether every event has come that was there at the handshake. */
  readonly complete: boolean;
}

/** One connection from the line's position to its end. */
function connect(line: Line, token: string | undefined, options: SharedConnectionOptions): Promise<Outcome> {
  const { signal } = line.stop;
  return new Promise((resolve, reject) => {
    const since = line.position;
    let ack: ConnectionAck | undefined;
    let goodAt = Infinity;
    const connection = openConnection({
      url: options.url(since),
      token,
      WebSocket: options.WebSocket,
      handshakeTimeout: options.handshakeTimeout,
      logger: options.logger,
      acknowledged(received) {
        ack = received;
        goodAt = Date.now() + ack.heartbeat_interval_ms;
        publish(line, { status: 'open' });
      },
      event(event, size) {
        if (event.id <= line.position) return; // A duplicate.
        if (event.id > line.position + 1) {
          return connection.drop(`Event ${event.id} came after ${line.position}: the gap heals by resuming.`);
        }
        line.position = event.id;
        for (const reader of line.readers) reader.event(event, size);
      },
      ended(end) {
        signal.removeEventListener('abort', leave);
        const good = line.position > since || Date.now() >= goodAt;
        const complete = ack !== undefined && line.position >= ack.latest_event_id;
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

/** Whether to connect again; what a browser's bare 1006 hides is asked of the server over REST. */
async function judge(
  outcome: Outcome,
  renewals: number,
  line: Line,
  options: SharedConnectionOptions,
): Promise<Verdict> {
  const { code, acknowledged } = outcome;
  const error = new Error(`The connection ended with ${code}${outcome.reason && `: ${outcome.reason}`}`, {
    cause: outcome.cause,
  });
  if (code === 1000 && outcome.complete) return { end: { reason: 'session_closed' } };
  if (code === 4401 && (!options.renewable || renewals > 0)) return { end: endOf(closed('Unauthorized')) };
  if (code === 4404) return { end: endOf(closed('SessionNotFound')) };
  const resume = isCloseCode(code) ? closeCodes[code].resume : true;
  if (acknowledged && (resume || code === 1000)) return { error };
  try {
    const refusal = await options.probe(line.position, line.stop.signal);
    if (refusal.code === 'UpgradeRequired') return resume ? { error } : { end: endOf(closed('InvalidRequest')) };
    return refusal.retryable ? { error: refusal, retryAfter: refusal.retryAfter } : { end: endOf(refusal) };
  } catch (cause) {
    line.stop.signal.throwIfAborted();
    return { error: cause instanceof Error ? cause : error };
  }

  function closed(name: ErrorCode): ServiceError {
    return new ServiceError(name, error.message, { cause: outcome.cause });
  }
}

function isCloseCode(code: number): code is keyof typeof closeCodes {
  return code in closeCodes;
}

function publish(line: Line, status: ConnectionStatus): void {
  line.status = status;
  for (const reader of line.readers) reader.status(status);
}
