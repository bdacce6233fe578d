import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves the page from an origin of its own. */
export interface PageServer {
  readonly origin: string;
  close(): void;
}

/**
 * Starts a server for the page and its script, with a policy that allows the script alone, and connections to
 * `connectTo` alone.
 */
export async function servePage(script: string, connectTo: () => string): Promise<PageServer> {
  const html = await readFile(join(import.meta.dirname, 'page', 'index.html'));
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', createPolicy(connectTo()));
    response.end(isScript ? script : html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => server.close() };
}

function createPolicy(url: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `connect-src ${url} ${url.replace('http', 'ws')}`,
    "require-trusted-types-for 'script'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
