import type { ServiceError } from '@parleyhq/contract';
import { ConnectionError } from '../errors.js';

/**
 * Why a stream of events has ended. With `session_closed` and `left` the loop ends; otherwise it throws `error`.
 *
 * - `session_closed`: the session is closed and every event was delivered.
 * - `left`: the loop was left.
 * - `aborted`: a signal was; `error` is its reason.
 * - `purged`: the session and its history are gone, or never were.
 * - `credentials_ended`: the credential is not good any more; a token function was asked again before.
 * - `cursor_invalid`: the cursor is ahead of the log, or behind what it keeps.
 * - `refused`: the server does not let this client in, for another reason.
 * - `gave_up`: no connection came about in as many attempts as were allowed, or the server asked for too long a wait.
 * - `failed`: something that another attempt will not mend, such as a token that no handshake can carry.
 */
export type StreamEnd =
  | { readonly reason: 'session_closed' | 'left' }
  | { readonly reason: 'aborted' | 'failed'; readonly error: unknown }
  | { readonly reason: 'purged' | 'credentials_ended' | 'cursor_invalid' | 'refused'; readonly error: ServiceError }
  | { readonly reason: 'gave_up'; readonly error: ConnectionError };

/** The end that an error of the server means for a stream. */
export function endOf(error: ServiceError): StreamEnd {
  switch (error.code) {
    case 'SessionNotFound':
      return { reason: 'purged', error };
    case 'Unauthorized':
      return { reason: 'credentials_ended', error };
    case 'CursorAhead':
    case 'CursorExpired':
      return { reason: 'cursor_invalid', error };
    default:
      return { reason: 'refused', error };
  }
}

/** The end of a stream that has tried something often, or waited for it long, enough. */
export function gaveUp(aim: string, attempts: number, cause: Error): StreamEnd {
  const message = `Gave up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts in a row'} to ${aim}`;
  return { reason: 'gave_up', error: new ConnectionError(`${message}: ${cause.message}`, { attempts, cause }) };
}
