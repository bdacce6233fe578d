import { closeCodes, type ErrorCode, ServiceError } from '@parleyhq/contract';
import { toError } from '../errors.js';
import type { ConnectionEnd } from './connection.js';
import { endOf, type StreamEnd } from './stream-end.js';

/** How a connection has ended. */
export interface Outcome extends ConnectionEnd {
  readonly acknowledged: boolean;
  /** Whether it brought an event or lived for a heartbeat interval; then failures are counted from 0 again. */
  readonly good: boolean;
  /** Whether all events that existed at the handshake were received. */
  readonly complete: boolean;
}

/** What follows: the end of the stream, or another attempt. */
export type Verdict =
  | { readonly end: StreamEnd }
  | {
      readonly error: Error;
      /** Seconds. */
      readonly retryAfter?: number | undefined;
    };

/**
 * Decides by the close code what follows the end of a connection. For a failed handshake browsers only give 1006; then `probe`
 * asks the server for the reason, and UpgradeRequired means that it would accept a socket now.
 *
 * @param canRenew Whether another credential may be available when one has ended.
 */
export async function judge(outcome: Outcome, canRenew: boolean, probe: () => Promise<ServiceError>): Promise<Verdict> {
  const { code, reason, cause } = outcome;
  const error = new Error(`The connection ended with ${code}${reason && `: ${reason}`}`, { cause });
  // Without this: believes in an end before the last event
  if (code === 1000 && outcome.complete) return { end: { reason: 'session_closed' } };
  if (code === 4401 && !canRenew) return endWith('Unauthorized');
  if (code === 4404) return endWith('SessionNotFound');
  const resume = code === 1000 || !isCloseCode(code) || closeCodes[code].resume;
  if (outcome.acknowledged && resume) return { error };
  try {
    // Without this: does not ask why a handshake failed
    const refusal = await probe();
    if (refusal.code === 'UpgradeRequired') return resume ? { error } : endWith('InvalidRequest');
    return refusal.retryable ? { error: refusal, retryAfter: refusal.retryAfter } : { end: endOf(refusal) };
  } catch (failure) {
    return { error: toError(failure) };
  }

  function endWith(name: ErrorCode): Verdict {
    return { end: endOf(new ServiceError(name, error.message, { cause })) };
  }
}

function isCloseCode(code: number): code is keyof typeof closeCodes {
  return code in closeCodes;
}
