import type { ServiceError } from '@parleyhq/contract';
import { ConnectionError } from '../errors.js';

/**
 * Why a stream of events has ended. With `session_closed` and `left` the loop ends; otherwise it throws `error`.
 *
 * - `session_closed`: the session is closed and every event was delivered.
 * - `left`: the loop was left.
 * - `aborted`: a signal was aborted; `error` is its reason.
 * - `purged`: the session and its history are gone, or never existed.
 * - `credentials_ended`: the credential is not valid any more; a token function was called again before.
 * - `cursor_invalid`: the cursor is ahead of the log, or behind what it keeps.
 * - `refused`: the server refuses this client for another reason.
 * - `gave_up`: too many attempts to connect failed, or the server asked for too long a wait.
 * - `failed`: an error that another attempt would not solve, such as a token that no handshake can carry.
 */
export type StreamEnd =
  | { readonly reason: 'session_closed' | 'left' }
  | { readonly reason: 'aborted' | 'failed'; readonly error: unknown }
  | { readonly reason: 'purged' | 'credentials_ended' | 'cursor_invalid' | 'refused'; readonly error: ServiceError }
  | { readonly reason: 'gave_up'; readonly error: ConnectionError };

/** The end of a stream for an error of the server. */
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

/** The end of a stream after too many attempts or too long a wait. */
export function gaveUp(aim: string, attempts: number, cause: Error): StreamEnd {
  const message = `Gave up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts in a row'} to ${aim}`;
  return { reason: 'gave_up', error: new ConnectionError(`${message}: ${cause.message}`, { attempts, cause }) };
}
