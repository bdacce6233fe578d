import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const application = inject('application');
const requests: string[] = [];
const tunnels: string[] = [];
let server: Server;
let proxy: Server;

beforeAll(async () => {
  cpSync(join(import.meta.dirname, 'fixtures'), application, { recursive: true });
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
    const answer =
      request.method === 'GET'
        ? { status: 'healthy', timestamp: 1, session_count: 0, uptime: 1 }
        : { code: 'InvalidRequest', message: 'No.', timestamp: 1 };
    response.writeHead(request.method === 'GET' ? 200 : 400, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  proxy = createServer().on('connect', ({ url = '' }, socket) => {
    tunnels.push(url);
    const [host, port] = url.split(':');
    const target = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    target.pipe(socket).pipe(target);
  });
  for (const each of [server, proxy]) await once(each.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  for (const each of [server, proxy]) each.close();
});

test.each(['undici', 'undici-proxy', 'node-fetch'])('the fetch of %s carries calls', async (kind) => {
  requests.length = 0;
  const args = ['call-with-other-fetch.mjs', kind, addressOf(server), addressOf(proxy)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: application });
  expect(JSON.parse(stdout)).toEqual({ error: 'InvalidRequest', status: 'healthy' });
  expect(requests).toEqual(['POST /api/sessions Bearer secret {"cwd":"/path"}', 'GET /api/health Bearer secret ']);
  expect(tunnels.length > 0).toBe(kind === 'undici-proxy');
  tunnels.length = 0;
});

function addressOf(listening: Server): string {
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}
