import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { LocalServerError } from './local-server.js';

/** Milliseconds for the whole answer. A server on the same machine answers in a few. */
const TIMEOUT = 10_000;
/** Characters of an answer. A health is a tenth of it. */
const MAX_ANSWER = 4_096;

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  /** The other end of the connection, as this process sees it. */
  readonly address: string;
  readonly port: number | undefined;
}

/**
 * Has the server at an address prove that it has the access token, before it is sent: another program may listen there now.
 * The proof is good for the connection that it came by. So a program that asks the real server for it gains nothing.
 *
 * @throws LocalServerError: `unproven` if another program answers, or a server that cannot prove itself; `unreachable` if
 * nothing answers, or the server has no time.
 */
export async function proveServer(baseUrl: string, token: string): Promise<void> {
  const challenge = randomBytes(32).toString('base64url');
  const url = `${baseUrl.replace(/\/*$/, '')}/api/health?challenge=${challenge}`;
  const answer = await ask(url).catch((cause: Error) => {
    throw new LocalServerError('unreachable', `${baseUrl}: ${cause.message}`, { cause });
  });
  const { status = 0, address, port } = answer;
  if (status === 429 || status >= 500) {
    throw new LocalServerError('unreachable', `${baseUrl} answers ${status} to GET /api/health`);
  }
  const lines = ['parley-health-proof', challenge, address, port];
  const expected = createHmac('sha256', token).update(lines.join('\n')).digest();
  const proof = Buffer.from(proofIn(answer), 'base64url');
  // Without this: gives the token to whoever listens at the address of the server
  if (proof.length === expected.length && timingSafeEqual(proof, expected)) return;
  throw new LocalServerError(
    'unproven',
    `what listens at ${baseUrl} did not prove that it has the access token of the data directory: it is another program, something in between such as a proxy, or a server of an older release, which has to be started again`,
  );
}

function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const asked = request(url, { agent: false }, (response) => {
      const { remoteAddress = '', remotePort } = response.socket;
      const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
      let text = '';
      const done = () => resolve({ status: response.statusCode, text, address, port: remotePort });
      response.setEncoding('utf8').on('error', reject).on('end', done);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length <= MAX_ANSWER) return;
        done();
        asked.destroy();
      });
    });
    const late = () => asked.destroy(new Error(`There was no whole answer within ${TIMEOUT} ms.`));
    const timer = setTimeout(late, TIMEOUT);
    asked.on('error', reject).on('close', () => clearTimeout(timer));
    asked.end();
  });
}

function proofIn({ status, text }: Answer): string {
  try {
    const { proof } = Object(status === 200 ? JSON.parse(text) : undefined);
    return typeof proof === 'string' ? proof : '';
  } catch {
    return '';
  }
}
