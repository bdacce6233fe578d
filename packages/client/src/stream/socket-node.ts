import { WebSocket } from 'ws';
import type { WebSocketConstructor } from './web-socket.js';

/** The WebSocket of this runtime: Node 20 has none of its own. */
export const runtimeWebSocket: WebSocketConstructor | undefined = WebSocket;
