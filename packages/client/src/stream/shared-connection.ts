import type { ConnectionStatus } from './connection-status.js';
import { keepConnected, type ReconnectOptions } from './reconnect.js';
import type { SessionEvent } from './session-event.js';
import type { StreamEnd } from './stream-end.js';

/** One reader of a shared connection. */
export interface Reader {
  /** The id of the last event that it has. */
  readonly received: number;
  /** Whether the log is known to have that event. A reader whose cursor is ahead of the log would wait forever. */
  readonly confirmed: boolean;
  /** Gets every event of the connection, also events that this reader already has. */
  event(event: SessionEvent, size: number): void;
  status(status: ConnectionStatus): void;
  end(end: StreamEnd): void;
  /** The connection has ended for a reason that does not concern this reader: it should join again. */
  rejoin(): void;
}

/** The one connection that all readers of a session share. It exists only while somebody reads. */
export interface SharedConnection {
  /**
   * Adds a reader that has everything up to `reader.received`. Returns false if it must read the log first: because the
   * connection has passed that event, or because the cursor may be ahead of the log, which only reading the log tells.
   */
  join(reader: Reader): boolean;
  leave(reader: Reader): void;
}

/** A connection while it has readers. */
interface Line {
  readonly readers: Set<Reader>;
  readonly stop: AbortController;
  position: number;
  status: ConnectionStatus;
}

/**
 * The shared connections of a client, by session. A connection is kept while somebody reads; nothing is kept for a session
 * without readers.
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
      // The server has refused the connection's cursor. The cursor of a reader that is further may be good.
      // Without this: ends every loop with the cursor of one
      if (end.reason === 'cursor_invalid' && reader.received > line.position) reader.rejoin();
      else reader.end(end);
    }
  }
}
