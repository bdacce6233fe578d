import type { HttpClient } from './http/create-http.js';
import type { Stop } from './stop.js';
import type { Backoff } from './stream/backoff.js';
import type { SharedConnection } from './stream/shared-connection.js';

/** What the sessions of one client share. */
export interface ClientContext {
  readonly http: HttpClient;
  /** Stops when the client is disposed of. */
  readonly onClose: Stop;
  readonly backoff: Backoff;
  readonly maxRetries: number;
  readonly maxReconnects: number;
  readonly queueLimit: number;
  /** The connection that all readers of a session share. */
  connectionOf(sessionId: string): SharedConnection;
}
