import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves the page from a separate origin. */
export interface PageServer {
  readonly origin: string;
  close(): void;
}

/**
 * Starts a server for the page and its script, with a policy that allows the script alone, and connections to
 * `connectTo` and itself alone. It also answers logins, and sends there what is asked
 * below `/moved`.
 */
export async function servePage(script: string, connectTo: () => string): Promise<PageServer> {
  const html = await readFile(join(import.meta.dirname, 'page', 'index.html'));
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith('/moved/')) {
      response.writeHead(307, { Location: request.url.slice('/moved'.length) }).end();
      return;
    }
    if (request.url?.startsWith('/api/')) return logIn(request, response);
    const isScript = request.url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', createPolicy(connectTo()));
    response.end(isScript ? script : html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => server.close() };
}

/** Answers a login. Its account repeats the request: method, path and body. */
async function logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const account = `${request.method} ${request.url} ${body}`;
  const login = { access_token: 'login', token_type: 'Bearer', expires_at: Date.now(), account, scope: 'read' };
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(login));
}

function createPolicy(url: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `connect-src 'self' ${url} ${url.replace('http', 'ws')}`,
    "require-trusted-types-for 'script'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
