import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer on its way to the client. */
export interface PassingAnswer {
  /** The method of the request. */
  readonly method: string;
  readonly path: string;
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A proxy in front of a server. */
export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a proxy that passes everything on unchanged, except for what `change` does to answers. */
export async function startProxy(target: string, change: (answer: PassingAnswer) => void): Promise<Proxy> {
  const { host, hostname, port } = new URL(target);
  const proxy = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    // The proxy's own host becomes that of the server. Any other host stays.
    const own = incoming.headers.host === `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const headers = { ...incoming.headers, ...(own ? { host } : {}) };
    const forwarded = request({ hostname, port, method, path: url, headers }, async (answer) => {
      let body = '';
      for await (const chunk of answer.setEncoding('utf8')) body += chunk;
      const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
      const passing = { method, path: url, status: answer.statusCode ?? 0, headers: Object.fromEntries(given), body };
      change(passing);
      // The length may have changed.
      const { 'content-length': _, 'transfer-encoding': __, ...rest } = passing.headers;
      outgoing.writeHead(passing.status, rest).end(passing.body);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
    forwarded.flushHeaders();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
