import { runtimeWebSocket } from '#socket';
import type { WebSocketConstructor } from './web-socket.js';

/** The callbacks of a socket. None is called after `closed`, or after `close()` or `drop()`. */
export interface SocketListener {
  message(data: unknown): void;
  /** `cause` is the runtime's error, if it tells one; browsers do not. */
  closed(code: number, reason: string, cause: unknown): void;
}

/** A socket as the SDK uses it. */
export interface Socket {
  /** Closes the connection with a closing handshake. */
  close(): void;
  /** Cuts the connection without a closing handshake, if the runtime can: for a peer that does not answer. */
  drop(): void;
}

/**
 * Opens a socket with the given class, or with the runtime's own. Only this file knows that there are several.
 *
 * @throws what the class throws: SyntaxError for an address or a subprotocol (a token) that no handshake can carry.
 */
export function openSocket(
  WebSocketClass: WebSocketConstructor = requireRuntimeWebSocket(),
  url: string,
  protocols: string[],
  listener: SocketListener,
): Socket {
  const socket = new WebSocketClass(url, protocols);
  let cause: unknown;
  let listening = true;
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (listening) listener.message(data);
  };
  // This handler stays: Node ends the process on an error event without a handler.
  socket.onerror = (event: { error?: unknown }) => {
    cause ??= event.error;
  };
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
    if (!listening) return;
    listening = false;
    listener.closed(code, reason, cause);
  };
  return {
    close() {
      listening = false;
      socket.close(1000);
    },
    drop() {
      listening = false;
      if (socket.terminate) socket.terminate();
      else socket.close();
    },
  };
}

function requireRuntimeWebSocket(): WebSocketConstructor {
  if (runtimeWebSocket) return runtimeWebSocket;
  throw new Error('This runtime has no WebSocket: give createClient one as `WebSocket`.');
}
