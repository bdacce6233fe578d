import type { ConnectionStatus } from './connection-status.js';
import { keepConnected, type ReconnectOptions } from './reconnect.js';
import type { SessionEvent } from './session-event.js';
import type { StreamEnd } from './stream-end.js';

/** Somebody who reads along. */
export interface Reader {
  /** The last event that it has. */
  readonly received: number;
  /** Whether the log is known to have that event. Nothing ever comes to a reader that waits ahead of the log. */
  readonly confirmed: boolean;
  /** Every event behind the last one of some reader; those that this one has are among them. */
  event(event: SessionEvent, size: number): void;
  status(status: ConnectionStatus): void;
  end(end: StreamEnd): void;
  /** The connection has ended, but not for this one, which is to join again. */
  rejoin(): void;
}

/** The one connection that all readers of a session share; there is none while nobody reads. */
export interface SharedConnection {
  /**
   * Reads along from `reader.received`, or returns false where the log must be read first: the connection is past that,
   * or has not come to it and it may be ahead of the log, of which the server tells only who asks.
   */
  join(reader: Reader): boolean;
  leave(reader: Reader): void;
}

/** A stretch of time with readers. */
interface Line {
  readonly readers: Set<Reader>;
  readonly stop: AbortController;
  position: number;
  status: ConnectionStatus;
}

/**
 * Shares the connections of a client: gives the one of a session, which is kept for as long as somebody reads. Of a session
 * that nobody reads nothing is kept.
 */
export function createSharedConnections(
  optionsOf: (sessionId: string) => ReconnectOptions,
): (sessionId: string) => SharedConnection {
  const lines = new Map<string, Line>();
  return (sessionId) => ({
    join(reader) {
      const line = lines.get(sessionId);
      if (line === undefined) {
        open(sessionId, reader);
        return true;
      }
      // Without this: joins with a cursor that the log may not have
      const isAhead = reader.confirmed && reader.received > line.position;
      // Without this: joins a connection that is past the loop
      if (reader.received !== line.position && !isAhead) return false;
      line.readers.add(reader);
      reader.status(line.status);
      return true;
    },
    leave(reader) {
      const line = lines.get(sessionId);
      if (!line?.readers.delete(reader) || line.readers.size > 0) return;
      lines.delete(sessionId);
      line.stop.abort();
    },
  });

  function open(sessionId: string, reader: Reader): void {
    const status = { status: 'connecting' } as const;
    const line = { readers: new Set([reader]), stop: new AbortController(), position: reader.received, status };
    lines.set(sessionId, line);
    void keep(sessionId, line);
  }

  async function keep(sessionId: string, line: Line): Promise<void> {
    const end = await keepConnected(optionsOf(sessionId), {
      after: line.position,
      signal: line.stop.signal,
      event(event, size) {
        line.position = event.id;
        for (const reader of line.readers) reader.event(event, size);
      },
      status(status) {
        line.status = status;
        for (const reader of line.readers) reader.status(status);
      },
    });
    if (lines.get(sessionId) === line) lines.delete(sessionId);
    for (const reader of line.readers) {
      // What the server says of a cursor it says of the connection's; one that is past it may be good.
      // Without this: ends every loop with the cursor of one
      if (end.reason === 'cursor_invalid' && reader.received > line.position) reader.rejoin();
      else reader.end(end);
    }
  }
}
