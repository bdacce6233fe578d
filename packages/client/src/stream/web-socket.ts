/** What the SDK needs of a WebSocket: the part that browsers and `ws` have in common. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  close(code?: number, reason?: string): void;
  /** Cuts the connection without a closing handshake; browsers do not have it. */
  terminate?(): void;
}

/** The class of a runtime's WebSocket, such as `globalThis.WebSocket` or the one of `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;
