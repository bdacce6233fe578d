import { type ConnectionAck, parseServerFrame, ServiceError } from '@parleyhq/contract';
import type { Logger } from '../logger.js';
import { startTimer } from '../timer.js';
import { type SessionEvent, toInvalidEvent, toSessionEvent } from './session-event.js';
import { openSocket } from './socket.js';
import type { WebSocketConstructor } from './web-socket.js';

/** The subprotocol of this contract. */
const SUBPROTOCOL = 'parley.v1';

/** The options and callbacks of one connection. */
export interface ConnectionOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly WebSocket: WebSocketConstructor | undefined;
  /** How many milliseconds to wait for `connection_ack`. */
  readonly handshakeTimeout: number;
  readonly logger: Logger;
  acknowledged(ack: ConnectionAck): void;
  /** `size` is the length of the frame's text. */
  event(event: SessionEvent, size: number): void;
  /** Called once, unless the connection was ended by `leave`. */
  ended(end: ConnectionEnd): void;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** The WebSocket close code; 1006 where the connection broke or went silent. */
  readonly code: number;
  readonly reason: string;
  readonly cause: unknown;
}

/** One socket for one session. */
export interface Connection {
  /** Closes the connection; no callback is called afterwards. */
  leave(): void;
  /** Cuts the connection and reports 1006 with this reason. */
  drop(reason: string): void;
}

/**
 * Opens one socket: handshake, liveness, parsing, validation. A frame that cannot be used is logged and ignored. A connection
 * without a frame for two heartbeat intervals is dead, since a live server sends at least one in each interval.
 *
 * @throws if no handshake can carry the address or the token.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { acknowledged, event, ended, logger } = options;
  const protocols = options.token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `parley.bearer.${options.token}`];
  let ack: ConnectionAck | undefined;
  let lastFrameAt = performance.now();
  const socket = openSocket(options.WebSocket, options.url, protocols, {
    message(data) {
      lastFrameAt = performance.now();
      if (typeof data === 'string') receive(data);
      else logger.warn('The server sent a binary frame; it is passed over.');
    },
    closed(code, reason, cause) {
      stopTimer();
      ended({ code, reason, cause });
    },
  });
  let stopTimer = startTimer(options.handshakeTimeout, checkSilence);

  return { leave, drop };

  function receive(text: string): void {
    const parsed = parseServerFrame(text);
    if (ack === undefined && !(parsed.ok && parsed.value.type === 'connection_ack')) {
      return drop('The first frame was no connection_ack.');
    }
    if (!parsed.ok) {
      const invalid = toInvalidEvent(parsed.raw, parsed.problems);
      // Without this: drops the connection for a frame that it does not know
      // Without this: drops the connection for an event that does not fit
      // Without this: passes over an event that does not fit
      if (invalid) event(invalid, text.length);
      else logger.warn('The server sent a frame that does not fit the contract; it is passed over.', parsed);
      return;
    }
    const frame = parsed.value;
    switch (frame.type) {
      case 'connection_ack':
        ack = frame.payload;
        stopTimer();
        stopTimer = startTimer(2 * ack.heartbeat_interval_ms, checkSilence);
        return acknowledged(ack);
      case 'event':
        return event(toSessionEvent(frame), text.length);
      case 'heartbeat':
        return;
      case 'error':
        return logger.warn('The server sent an error frame.', { error: ServiceError.fromData(frame.payload) });
    }
  }

  function checkSilence(): void {
    const allowed = ack === undefined ? options.handshakeTimeout : 2 * ack.heartbeat_interval_ms;
    const silence = performance.now() - lastFrameAt;
    // Without this: waits for ever on a line that is dead
    if (silence >= allowed) drop(`The server said nothing for ${Math.round(silence)} ms.`);
    else stopTimer = startTimer(allowed - silence, checkSilence);
  }

  function leave(): void {
    stopTimer();
    socket.close();
  }

  function drop(reason: string): void {
    stopTimer();
    socket.drop();
    ended({ code: 1006, reason, cause: undefined });
  }
}
