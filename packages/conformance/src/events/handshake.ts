import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { BrokenRule, NotExercised } from '../broken-rule.js';
import type { Exchange } from '../wire/exchange.js';
import { readAnswer } from '../wire/read-answer.js';
import { toExchange } from '../wire/to-exchange.js';
import type { Credential, World } from '../world/world.js';

/** How a socket is opened. */
export interface HandshakeOptions {
  /** The cursor. Without one the socket is live only. */
  readonly since?: number;
  /** The query as it goes over the wire, instead of `since`. */
  readonly query?: string;
  /** The credential, sent as an Authorization header. @default 'token' */
  readonly as?: Credential;
  /** @default ['parley.v1'] */
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Return a 429 too. Default: wait until another rule's socket closes, and try again. */
  readonly takes429?: boolean;
}

/** An open socket with the headers of the answer, or the answer that refused it. */
export type Handshake =
  | { readonly webSocket: WebSocket; readonly headers: IncomingMessage['headers'] }
  | { readonly refusal: Exchange };

/** How often a handshake is repeated after 429, and how many milliseconds are between. */
const RETRIES = 20;
const RETRY_DELAY = 250;

/**
 * Tries to open the socket of a session.
 *
 * @param path The path of the session.
 * @param listen Called with the socket before any frame can have come.
 * @throws BrokenRule if there is no valid answer, NotExercised if every answer is 429.
 */
export async function tryHandshake(
  world: World,
  path: string,
  options: HandshakeOptions = {},
  listen: (webSocket: WebSocket) => void = () => undefined,
): Promise<Handshake> {
  for (let attempt = 0; ; attempt += 1) {
    const handshake = await ask(world, path, options, listen);
    const isRefused = 'refusal' in handshake && handshake.refusal.status === 429;
    if (!isRefused || options.takes429) return handshake;
    if (attempt >= RETRIES) throw new NotExercised('the server said 429 to a handshake again and again');
    await wait(RETRY_DELAY, undefined, { signal: world.signal });
  }
}

async function ask(
  world: World,
  path: string,
  options: HandshakeOptions,
  listen: (webSocket: WebSocket) => void,
): Promise<Handshake> {
  const { since, query = since === undefined ? '' : `?since_event_id=${since}`, as = 'token' } = options;
  const { protocols = ['parley.v1'], headers = {} } = options;
  const target = `${path}/events${query}`;
  const sent = { ...authorization(world, as), ...headers };
  const webSocket = new WebSocket(`${world.url.replace(/^http/, 'ws')}${target}`, [...protocols], {
    headers: sent,
    handshakeTimeout: world.patience,
    perMessageDeflate: false,
  });
  let answer: IncomingMessage['headers'] = {};
  listen(webSocket);
  webSocket.on('upgrade', (response) => {
    answer = response.headers;
  });
  const shown = { ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }), ...sent };
  const request = {
    origin: world.url,
    method: 'GET',
    path: target,
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', ...shown },
    body: undefined,
  };
  return new Promise((resolve, reject) => {
    webSocket.on('open', () => resolve({ webSocket, headers: answer }));
    webSocket.on('unexpected-response', (_: ClientRequest, response: IncomingMessage) => {
      readAnswer(response).then((refused) => {
        webSocket.terminate();
        const refusal = toExchange(request, refused);
        world.coverage.markExchange(refusal);
        resolve({ refusal });
      }, reject);
    });
    webSocket.on('error', (error) => {
      const exchange = { request, status: 0, headers: new Map(), body: Buffer.alloc(0), text: '', json: undefined };
      reject(
        new BrokenRule({
          expected: 'an answer to the handshake',
          got: error.message,
          exchange: { ...exchange, operation: undefined },
        }),
      );
    });
  });
}

/**
 * Tries to open a socket that the server has to refuse, and returns the refusal.
 *
 * @throws BrokenRule if the socket opens.
 */
export async function expectRefusal(world: World, path: string, options: HandshakeOptions): Promise<Exchange> {
  const handshake = await tryHandshake(world, path, options);
  if ('refusal' in handshake) return handshake.refusal;
  const closed = once(handshake.webSocket, 'close');
  handshake.webSocket.terminate();
  await closed;
  throw new BrokenRule({
    expected: 'a handshake that is refused',
    got: 'a socket',
    sent: `GET ${path}/events, ${JSON.stringify(options)}`,
  });
}

function authorization(world: World, as: Credential): Record<string, string> {
  const secret = typeof as === 'object' ? as.bearer : { token: world.token, token2: world.token2, none: undefined }[as];
  return secret === undefined ? {} : { Authorization: `Bearer ${secret}` };
}
