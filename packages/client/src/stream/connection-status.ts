import type { StreamEnd } from './stream-end.js';

/**
 * The state of the connection, for example for a status light.
 *
 * - `waiting`: the connection broke; the next attempt follows in `delay` milliseconds.
 * - `paused`: the loop is slower than the events; the stream goes on once the loop has caught up.
 */
export type ConnectionStatus =
  | { readonly status: 'connecting' | 'open' | 'paused' }
  | { readonly status: 'waiting'; readonly attempt: number; readonly delay: number; readonly error: Error }
  | { readonly status: 'ended'; readonly end: StreamEnd };
