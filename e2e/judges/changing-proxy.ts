import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An answer of the server, its body parsed. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A change of some answers of a server that makes them wrong. */
export interface ChangedAnswer {
  readonly title: string;
  readonly method: string;
  /** The path, without its query. */
  readonly path: RegExp;
  readonly change: (answer: Answer) => Answer;
}

/** Each breaks the contract at a place that the main job uses. */
export const changedAnswers: readonly ChangedAnswer[] = [
  {
    title: 'a patch without the field that says whether it would land',
    method: 'GET',
    path: /\/patch$/,
    change: ({ status, body: { applicable: _, ...body } }) => ({ status, body }),
  },
  {
    title: 'an event id that is a text',
    method: 'POST',
    path: /\/submit$/,
    change: ({ status, body }) => ({ status, body: { ...body, event_id: String(body.event_id) } }),
  },
  {
    title: 'a status that the operation does not have',
    method: 'POST',
    path: /\/apply_patch$/,
    change: ({ body }) => ({ status: 206, body }),
  },
];

/** Starts a proxy that passes everything on, except for the changed answers. Resolves with its address. */
export async function startChangingProxy(upstream: string, changed: ChangedAnswer): Promise<string> {
  const proxy = createServer((request, response) => {
    pass(upstream, changed, request, response).catch((error: Error) => response.destroy(error));
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

async function pass(
  upstream: string,
  { method, path, change }: ChangedAnswer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const { authorization, 'content-type': type, 'idempotency-key': key } = request.headers;
  const answer = await fetch(`${upstream}${request.url}`, {
    method: request.method ?? 'GET',
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(type !== undefined && { 'content-type': type }),
      ...(typeof key === 'string' && { 'idempotency-key': key }),
    },
    body: pieces.length > 0 ? Buffer.concat(pieces) : null,
  });
  const text = await answer.text();
  const { pathname } = new URL(request.url ?? '', upstream);
  const isMeant = request.method === method && path.test(pathname) && answer.ok;
  const { status, body } = isMeant
    ? change({ status: answer.status, body: JSON.parse(text) })
    : { status: answer.status };
  response.writeHead(status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  response.end(body === undefined ? text : JSON.stringify(body));
}
