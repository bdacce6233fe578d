import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import {
  type Change,
  type Headers,
  headerOf,
  type PassedAnswer,
  type PassedRequest,
  pairsOf,
  withHeader,
} from './change.js';

/** Headers that belong to a connection and are not passed on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** Passes a request on, and its answer back. */
export async function passRequest(
  port: number,
  change: Change,
  received: PassedRequest,
  body: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const own = change.instead?.(received);
  if (own !== undefined) {
    body.resume();
    return writeAnswer(response, received, own, false);
  }
  const request = change.request?.(received) ?? received;
  const { method, target: path, editBody } = request;
  const edited = editBody === undefined ? undefined : Buffer.from(editBody(await readText(body)));
  const headers =
    edited === undefined ? request.headers : withHeader(request.headers, 'Content-Length', `${edited.length}`);
  const sent = send({ host: '127.0.0.1', port, method, path, headers: headers.flat(), setHost: false, agent: false });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  if (edited !== undefined) sent.end(edited);
  else if (headerOf(headers, 'content-length') === undefined && headerOf(headers, 'transfer-encoding') === undefined) {
    sent.end();
  } else {
    // At once: the server may refuse a body before it comes.
    sent.flushHeaders();
    body.pipe(sent);
  }
  // If the client disconnects, the request to the server is ended too.
  response.on('close', () => sent.destroy());
  const [incoming] = await answered;
  sent.on('error', () => undefined); // the server may answer and close before the whole body has been sent
  const answer = { ...readHead(incoming), text: await readText(incoming) };
  writeAnswer(response, request, (await change.answer?.(answer, received)) ?? answer, closes(incoming));
}

/** The head of an answer, without headers that belong to the connection. */
export function readHead({ statusCode = 0, rawHeaders }: IncomingMessage): Pick<PassedAnswer, 'status' | 'headers'> {
  const headers = pairsOf(rawHeaders).filter(([name]) => !HOP_BY_HOP.includes(name.toLowerCase()));
  return { status: statusCode, headers };
}

/** A whole body as text. */
export async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function writeAnswer(response: ServerResponse, { method }: PassedRequest, answer: PassedAnswer, last: boolean): void {
  const bytes = Buffer.from(answer.text);
  const hasBody = method !== 'HEAD' && answer.status !== 204 && answer.status !== 304;
  const headers: Headers = [
    ...answer.headers,
    ...(hasBody ? [['Content-Length', `${bytes.length}`] as const] : []),
    ...(last ? [['Connection', 'close'] as const] : []),
  ];
  response.sendDate = false;
  response.writeHead(answer.status, headers.flat());
  response.end(hasBody ? bytes : undefined);
}

function closes({ headers }: IncomingMessage): boolean {
  return headers.connection === 'close';
}
