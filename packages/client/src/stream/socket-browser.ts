import type { WebSocketConstructor } from './web-socket.js';

/** The WebSocket of this runtime. */
export const runtimeWebSocket: WebSocketConstructor | undefined = globalThis.WebSocket;
