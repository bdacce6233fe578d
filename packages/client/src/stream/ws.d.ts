// Instead of @types/ws, which would bring Node's types into a program that also runs in browsers.
declare module 'ws' {
  export const WebSocket: import('./web-socket.js').WebSocketConstructor;
}
