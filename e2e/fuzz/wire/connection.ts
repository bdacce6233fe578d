import { connect, type Socket } from 'node:net';
import { type Answer, parseAnswer } from '../../shared/wire/parse-answers.js';

/** How long anything may take before it counts as hanging. Nothing takes that long even on a slow machine. */
const PATIENCE = 60_000;
/** How long this side waits for an answer before it ends its half. The verdict does not depend on it. */
const MOMENT = 15;

/** A raw connection, for clients that break the rules. */
export interface RawConnection {
  readonly socket: Socket;
  /** The received bytes that have not been taken. */
  read(): Buffer;
  /** Takes bytes from the beginning of the received ones. */
  take(bytes: number): void;
  /** Whether the other side has closed its half, or the connection broke. */
  readonly ended: boolean;
  /** Resolves at the next bytes or at the end. @throws Error after a minute of neither. */
  more(): Promise<void>;
  /**
   * Ends this half when more bytes have come or the server has had a moment to answer. Resolves at the end of the other
   * half.
   */
  finish(had?: number): Promise<void>;
  /** Writes bytes in separate pieces. */
  write(bytes: Buffer, pieces?: readonly number[]): Promise<void>;
  destroy(): void;
}

/** Opens a connection on loopback. */
export async function openConnection(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let received = Buffer.alloc(0);
  let ended = false;
  let wake: (() => void) | undefined;
  const end = () => {
    ended = true;
    wake?.();
  };
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    wake?.();
  });
  // A server may reset a connection on bytes that it does not understand.
  socket.on('error', end).on('end', end).on('close', end);
  const more = (patience = PATIENCE): Promise<void> => {
    if (ended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the server neither answers nor closes: it hangs')), patience);
      wake = () => {
        wake = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  };
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('close', () => reject(new Error(`no connection to port ${port}: the server is gone`)));
  });
  return {
    socket,
    read: () => received,
    take(bytes) {
      received = received.subarray(bytes);
    },
    get ended() {
      return ended;
    },

    more,

    async finish(had = 0) {
      // Both are right: an answer, or none yet.
      if (received.length <= had) await more(MOMENT).catch(() => undefined);
      socket.end();
      while (!ended) await more();
    },

    async write(bytes, pieces = []) {
      let from = 0;
      for (const length of [...pieces, bytes.length]) {
        if (ended || from >= bytes.length) return;
        const piece = bytes.subarray(from, from + Math.max(1, length));
        from += piece.length;
        await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
      }
    },

    destroy: () => socket.destroy(),
  };
}

/** Waits for an answer; undefined if the connection ends without one. */
export async function readAnswer(connection: RawConnection, method: string): Promise<Answer | undefined> {
  for (;;) {
    const bytes = connection.read();
    const parsed = bytes.length === 0 ? undefined : parseAnswer(bytes, method, connection.ended);
    if (parsed !== undefined) {
      connection.take(bytes.length - parsed.rest.length);
      return parsed.answer;
    }
    if (connection.ended) {
      if (bytes.length > 0)
        throw new Error(`half an answer: ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`);
      return undefined;
    }
    await connection.more();
  }
}
