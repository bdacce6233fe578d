import { operationOf } from '@parleyhq/conformance';
import { asyncapi, entries, find, follow, type Json, openapi, operations } from '../shared/document.js';
import { closeCodeOf } from '../shared/judge/judge-frame.js';
import type { Frame } from '../shared/wire/parse-frames.js';
import { problemOfClientFrame } from './judge-request.js';
import type { Recording } from './read-recording.js';

/** The names of everything in the documents that can be seen on the wire, for example `getHealth 200`. */
export function listDescribed(): string[] {
  return [
    ...operations.flatMap(({ operationId, path, method }) =>
      entries(find(openapi, 'paths', path, method.toLowerCase(), 'responses'))
        .filter(([status]) => status !== 'default')
        .map(([status]) => `${operationId} ${status}`),
    ),
    ...entries(find(asyncapi, 'operations')).flatMap(([id, operation]) =>
      list(find(operation, 'messages')).map((message) => `${sideOf(find(operation, 'action'))} ${typeOf(message, id)}`),
    ),
    ...variantsOf('Event').map((type) => `event ${type}`),
    ...variantsOf('Submission').map((type) => `submission ${type}`),
    ...entries(find(openapi, 'x-errors')).map(([code]) => `error ${code}`),
    ...entries(find(openapi, 'x-close-codes')).map(([code]) => `close ${code}`),
  ];
}

/** How often each name was seen, also names that the documents do not describe. */
export function countSeen({ exchanges, connections, refusals }: Recording): Map<string, number> {
  const seen = new Map<string, number>();
  const see = (name: string) => seen.set(name, (seen.get(name) ?? 0) + 1);
  for (const { request, answer } of exchanges) {
    const operation = operationOf(request.method, request.target);
    if (answer !== undefined && answer.status >= 400) see(`error ${find(parse(answer.body), 'code')}`);
    if (answer === undefined || operation === undefined) continue;
    see(`${operation.operationId} ${answer.status}`);
    if (answer.status >= 400) continue;
    if (operation.operationId === 'submit') see(`submission ${find(parse(request.body), 'type')}`);
  }
  for (const { answer } of refusals) see(`error ${find(parse(answer.body), 'code')}`);
  for (const { client, server } of connections) {
    for (const frame of client)
      if (isText(frame) && problemOfClientFrame(frame) === undefined) seeFrame('client', frame);
    for (const frame of server) seeFrame('server', frame);
  }
  return seen;

  function seeFrame(side: string, frame: Frame): void {
    const code = closeCodeOf(frame);
    if (code !== undefined && side === 'server') see(`close ${code}`);
    if (!isText(frame)) return;
    const value = parse(frame.payload);
    const type = find(value, 'type');
    see(`${side} ${type}`);
    if (type === 'event' || type === 'submission') see(`${type} ${find(value, 'payload', 'type')}`);
    if (type === 'error') see(`error ${find(value, 'payload', 'code')}`);
  }
}

function isText({ opcode }: Frame): boolean {
  return opcode === 0x1;
}

function parse(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined; // The judges report bytes that are not JSON.
  }
}

function sideOf(action: Json | undefined): string {
  return action === 'send' ? 'server' : 'client';
}

/** The value of a message's `type`. */
function typeOf(reference: Json, operation: string): string {
  const name = String(find(reference, '$ref')).split('/').at(-1) ?? '';
  const type = find(asyncapi, 'components', 'messages', name, 'name');
  if (typeof type !== 'string') throw new Error(`${name} of ${operation} has no name`);
  return type;
}

function variantsOf(union: string): string[] {
  return list(find(openapi, 'components', 'schemas', union, 'oneOf')).map((variant) => {
    const { node } = follow(String(find(variant, '$ref')).slice(1));
    return String(find(node, 'properties', 'type', 'const'));
  });
}

function list(node: Json | undefined): Json[] {
  return Array.isArray(node) ? node : [];
}
