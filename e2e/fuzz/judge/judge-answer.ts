import { find, follow, type Operation, openapi, operations } from '../document.js';
import type { Answer } from '../wire/parse-answers.js';
import { problemByOpenapi } from './validators.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Headers without which an error says too little. */
const NEEDED: Readonly<Record<number, string>> = {
  401: 'www-authenticate',
  405: 'allow',
  426: 'upgrade',
  429: 'retry-after',
};

/** The operation that a request is for, if the documents have one. */
export function operationOf(method: string, target: string): Operation | undefined {
  const segments = (target.split('?', 1)[0] ?? '').split('/');
  return operations.find((operation) => {
    const expected = operation.path.split('/');
    if (operation.method !== method || expected.length !== segments.length) return false;
    return expected.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]));
  });
}

/**
 * Says what is wrong with an answer; undefined if nothing is. Its status, content type, headers and body must be those
 * that openapi.yaml gives the operation; for anything else it must be an error of the table. Nothing from 500 on is right.
 */
export function judgeAnswer(method: string, target: string, answer: Answer): string | undefined {
  const { status, headers } = answer;
  if (status >= 500) return `status ${status}: ${answer.body.toString('utf8').slice(0, 500)}`;
  if (!UUID.test(headers.get('x-request-id') ?? '')) return `status ${status} without an X-Request-Id`;
  if (method === 'HEAD') return answer.body.length === 0 ? undefined : 'a body in answer to HEAD';
  const operation = operationOf(method, target);
  if (operation === undefined) {
    if (method === 'OPTIONS' && status === 204) return answer.body.length === 0 ? undefined : 'a 204 with a body';
    return judgeError(answer);
  }
  const place = `/paths/${operation.path.replaceAll('/', '~1')}/${operation.method.toLowerCase()}/responses`;
  const responses = follow(place).node;
  const name = find(responses, String(status)) ? String(status) : status >= 400 ? 'default' : undefined;
  if (name === undefined) return `${operation.operationId} has no answer ${status}`;
  const { pointer, node } = follow(`${place}/${name}`);
  return judgeHeaders(pointer, answer) ?? judgeBody(pointer, find(node, 'content') !== undefined, answer);
}

/** What is wrong with an answer to what is no request that the documents know. */
export function judgeError(answer: Answer): string | undefined {
  if (answer.status >= 500 || answer.status < 400) return `status ${answer.status} where only a refusal is right`;
  return judgeBody('/components/responses/Error', true, answer);
}

function judgeHeaders(pointer: string, { headers }: Answer): string | undefined {
  for (const name of Object.keys(find(follow(pointer).node, 'headers') ?? {})) {
    const text = headers.get(name.toLowerCase());
    if (text === undefined) continue;
    const { pointer: place, node } = follow(`${pointer}/headers/${name}`);
    const value = find(node, 'schema', 'type') === 'integer' ? Number(text) : text;
    const problem = problemByOpenapi(`${place}/schema`, value);
    if (problem !== undefined) return `header ${name}: ${problem}`;
  }
  return undefined;
}

function judgeBody(pointer: string, hasContent: boolean, answer: Answer): string | undefined {
  const { status, headers, body } = answer;
  const type = headers.get('content-type');
  if (!hasContent) return body.length === 0 && type === undefined ? undefined : `a ${status} with a body`;
  const [mediaType = ''] = (type ?? '').split(';');
  const content = find(follow(pointer).node, 'content', mediaType);
  if (content === undefined)
    return `status ${status} with Content-Type ${type}: ${body.toString('utf8').slice(0, 200)}`;
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = mediaType === 'application/json' ? JSON.parse(text) : text;
  } catch (error) {
    return `status ${status} with a body that is no ${mediaType}: ${error}`;
  }
  const place = `${pointer}/content/${mediaType.replaceAll('/', '~1')}/schema`;
  const problem = problemByOpenapi(place, value);
  if (problem !== undefined) return `status ${status}: ${problem} in ${body.toString('utf8').slice(0, 500)}`;
  return status < 400 ? undefined : judgeErrorData(answer, value);
}

function judgeErrorData({ status, headers }: Answer, value: unknown): string | undefined {
  const { code, request_id }: { code?: string; request_id?: string } = value ?? {};
  const expected = find(openapi['x-errors'], code ?? '', 'status');
  if (expected !== status) return `status ${status} for code ${code}, whose status is ${expected}`;
  if (request_id !== headers.get('x-request-id')) return `request_id ${request_id} is not the X-Request-Id`;
  const needed = NEEDED[status];
  return needed === undefined || headers.has(needed) ? undefined : `status ${status} without ${needed}`;
}
