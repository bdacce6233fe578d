import { type Agent, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { WireAnswer, WireRequest } from './exchange.js';
import { readAnswer } from './read-answer.js';

/** Milliseconds after which a request without an answer fails. */
const TIMEOUT = 30_000;

/**
 * Sends a request unchanged and reads the whole answer. It uses Node's own client, which does not correct a request: a
 * body goes with any method, and headers as they are written.
 *
 * @throws Node's error if there is no answer.
 */
export function send(request: WireRequest, agent: Agent, signal?: AbortSignal): Promise<WireAnswer> {
  const { origin, method, path, headers, body, withholdsBody = false } = request;
  const { protocol, hostname, port } = new URL(origin);
  const start = protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // Not from a URL: that would normalise the path.
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const length = body === undefined || withholdsBody ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const sent = start(
      {
        host,
        port,
        method,
        path,
        agent: withholdsBody ? false : agent,
        signal,
        timeout: TIMEOUT,
        headers: { ...length, ...headers },
      },
      (answer) => {
        readAnswer(answer)
          .then(resolve, reject)
          .finally(() => withholdsBody && sent.destroy());
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path} within ${TIMEOUT / 1000} s`)));
    sent.on('error', reject);
    if (withholdsBody) sent.flushHeaders();
    else sent.end(body);
  });
}
