import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What a request carries. */
export interface Sent {
  readonly headers?: Record<string, string>;
  /** Sent as JSON, with its Content-Type unless `headers` has one. */
  readonly body?: unknown;
  /** Sent as it is, with no Content-Type but that of `headers`. */
  readonly raw?: string | Buffer;
  /** The certificate of a server that speaks TLS. */
  readonly ca?: string;
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what a server says as a plain client would.
  readonly body: any;
}

/** A plain HTTP client: no SDK, a connection for each request, every header as it is given. */
export async function request(url: string, method: string, path: string, sent: Sent = {}): Promise<Received> {
  const json = sent.body === undefined ? undefined : JSON.stringify(sent.body);
  const headers = { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...sent.headers };
  return new Promise((resolve, reject) => {
    const { hostname, port, protocol } = new URL(url);
    const ask = protocol === 'https:' ? httpsRequest : httpRequest;
    const { ca } = sent;
    const outgoing = ask(
      { hostname, port, method, path, headers, agent: false, ca, servername: 'localhost' },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type']?.startsWith('application/json');
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text, body: isJson ? JSON.parse(text) : undefined });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.raw ?? json);
  });
}
