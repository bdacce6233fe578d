import WebSocket from 'ws';

/** How a handshake ends: `open`, or the status of its refusal. */
export async function handshake(url: string, headers: Record<string, string>, protocols: string[] = []) {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols, { headers });
  return new Promise<{ status: number | 'open'; socket: WebSocket }>((resolve, reject) => {
    socket.on('open', () => resolve({ status: 'open', socket }));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, socket });
    });
    socket.on('error', reject);
  });
}
