import { follow, openapi } from '../documents/documents.js';
import { find, membersOf } from '../documents/json.js';
import { type Operation, operationOf } from '../documents/operations.js';
import { judgeValue, type Problem } from '../documents/validators.js';
import type { WireAnswer } from './exchange.js';

/** The parts of an answer that are judged. */
export const ANSWER_PARTS = ['status', 'headers', 'body'] as const;

/** A part of an answer. */
export type AnswerPart = (typeof ANSWER_PARTS)[number];

/** Something about an answer that does not fit the documents. */
export interface AnswerProblem {
  readonly part: AnswerPart;
  /** `broken`: no reader can use it. `unknown`: a tolerant reader ignores it. */
  readonly fit: 'broken' | 'unknown';
  readonly expected: string;
  readonly got: string;
  /** The place in openapi.yaml that says what is expected, as a JSON pointer. */
  readonly pointer: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The header that an error answer must have, by status. */
const NEEDED: Readonly<Record<number, string>> = {
  401: 'WWW-Authenticate',
  405: 'Allow',
  426: 'Upgrade',
  429: 'Retry-After',
};

/**
 * Everything that is wrong with an answer by openapi.yaml. Its status, headers, content type and body must be those of
 * the operation. The answer to a request that is no operation must be an error. Empty if the answer fits.
 *
 * @param target The path with its query.
 */
export function judgeAnswer(method: string, target: string, answer: WireAnswer): AnswerProblem[] {
  const { status, headers, body } = answer;
  const common = UUID.test(headers.get('x-request-id') ?? '')
    ? []
    : [broken('headers', 'an X-Request-Id that is a UUID', headers.get('x-request-id') ?? 'none', '')];
  if (method === 'HEAD' || (method === 'OPTIONS' && status === 204)) {
    const empty = body.length === 0 ? [] : [broken('body', `no body in answer to ${method}`, shorten(body), '')];
    return [...common, ...empty];
  }
  const operation = operationOf(method, target);
  const pointer = operation === undefined ? errorPlace(status) : answerPlace(operation, status);
  if (pointer === undefined) {
    const expected = operation?.statuses.join(', ') ?? 'an error, since this is no operation of the documents';
    return [...common, broken('status', expected, `${status}`, `${operation?.pointer ?? ''}/responses`)];
  }
  return [...common, ...judgeHeaders(pointer, answer), ...judgeBody(pointer, answer)];
}

function errorPlace(status: number): string | undefined {
  return status >= 400 ? '/components/responses/Error' : undefined;
}

function answerPlace(operation: Operation, status: number): string | undefined {
  if (operation.statuses.includes(status)) return follow(`${operation.pointer}/responses/${status}`).pointer;
  const isError = status >= 400 && status < 600;
  return isError ? follow(`${operation.pointer}/responses/default`).pointer : undefined;
}

function judgeHeaders(pointer: string, { status, headers }: WireAnswer): AnswerProblem[] {
  const needed = NEEDED[status];
  const missing = needed !== undefined && !headers.has(needed.toLowerCase());
  const documented = membersOf(find(follow(pointer).node, 'headers')).flatMap(([name]) => {
    const text = headers.get(name.toLowerCase());
    if (text === undefined) return [];
    const { pointer: place, node } = follow(`${pointer}/headers/${name}`);
    const value = find(node, 'schema', 'type') === 'integer' ? Number(text) : text;
    return judgeAt(`${place}/schema`, value).map((problem) => ({
      ...problem,
      part: 'headers' as const,
      expected: `a header ${name} that fits: ${problem.expected}`,
    }));
  });
  return missing ? [...documented, broken('headers', `a header ${needed}`, 'none', pointer)] : documented;
}

function judgeBody(pointer: string, { status, headers, body }: WireAnswer): AnswerProblem[] {
  const content = find(follow(pointer).node, 'content');
  const type = headers.get('content-type');
  if (content === undefined) {
    if (body.length === 0) return [];
    return [broken('body', `a ${status} without a body`, shorten(body), pointer)];
  }
  const mediaType = (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const documented = membersOf(content).map(([name]) => name);
  if (!documented.includes(mediaType)) {
    return [broken('headers', `Content-Type ${documented.join(' or ')}`, type ?? 'none', pointer)];
  }
  const place = `${pointer}/content/${mediaType.replaceAll('/', '~1')}/schema`;
  const value = readBody(mediaType, body);
  if (value === undefined) return [broken('body', `a body that is ${mediaType}`, shorten(body), place)];
  const problems = judgeAt(place, value);
  return status < 400 ? problems : [...problems, ...judgeCode(place, { status, headers, body }, value)];
}

function judgeAt(pointer: string, value: unknown): AnswerProblem[] {
  const { fit, problems } = judgeValue({ document: 'openapi.yaml', pointer }, value);
  if (fit === 'fits') return [];
  return [{ part: 'body', fit, ...describeProblems(problems), pointer }];
}

/** Known error codes are checked strictly: each has one status, and an operation lists the codes that it may give. */
function judgeCode(place: string, { status, headers }: WireAnswer, value: unknown): AnswerProblem[] {
  const { code, request_id }: { code?: unknown; request_id?: unknown } = Object(value);
  const found: AnswerProblem[] = [];
  const expected = find(openapi['x-errors'], String(code), 'status');
  if (expected !== undefined && expected !== status) {
    found.push(broken('body', `status ${expected} with code ${code}`, `status ${status}`, `/x-errors/${code}`));
  }
  const { fit, problems } = judgeValue({ document: 'openapi.yaml', pointer: place }, value);
  const foreign = problems.find((problem) => problem.place === '/code' && problem.keyword === 'enum');
  if (fit === 'unknown' && expected !== undefined && foreign !== undefined) {
    found.push(broken('body', `a code that this operation gives (${foreign.message})`, String(code), place));
  }
  if (request_id !== undefined && request_id !== headers.get('x-request-id')) {
    const got = `${request_id}, and X-Request-Id ${headers.get('x-request-id')}`;
    found.push(broken('body', 'a request_id that is the X-Request-Id', got, '/components/schemas/ErrorData'));
  }
  return found;
}

function describeProblems(problems: readonly Problem[]): { expected: string; got: string } {
  // A union has problems for each of its variants; the first few are enough.
  const few = problems.slice(0, 5);
  return {
    expected: few.map(({ place, message }) => `${place || 'the whole'} ${message}`).join('; '),
    got: few.map(({ place, value }) => `${place || 'the whole'} = ${JSON.stringify(value)?.slice(0, 200)}`).join('; '),
  };
}

function readBody(mediaType: string, body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return mediaType === 'application/json' ? JSON.parse(text) : text;
  } catch {
    return undefined;
  }
}

function broken(part: AnswerPart, expected: string, got: string, pointer: string): AnswerProblem {
  return { part, fit: 'broken', expected, got, pointer };
}

function shorten(body: Buffer): string {
  return `${body.length} bytes: ${body.toString('utf8').slice(0, 200)}`;
}
