import { type PassedAnswer, type PassedRequest, withHeader } from '../proxy/change.js';
import { at, elements, entries, type Operation, openapi, operations, resolve } from './documents.js';
import { drop, editText, type Json, parseJson, set } from './edit-json.js';
import { promiseOf, ruleOf } from './error-rules.js';
import { mutateFields } from './fields.js';
import type { Hits, Mutant } from './mutant.js';

/** Errors that an operation gives wrongly: with another code, or a success instead. */
export const errorMutants: readonly Mutant[] = operations.flatMap((operation) =>
  codesOf(operation).flatMap(({ status, code }) => {
    const killedBy = ruleOf(operation.id, code);
    if (killedBy === undefined) return [];
    const place = `${code} of ${operation.id}`;
    const when = (edit: (answer: PassedAnswer) => PassedAnswer) => (hits: Hits) => ({
      answer: (answer: PassedAnswer, request: PassedRequest) =>
        change(operation, { status, code }, hits, answer, request, edit),
    });
    const mutant = (operator: Mutant['operator'], edit: (answer: PassedAnswer) => PassedAnswer): Mutant => ({
      ...{ operator, place, killedBy, promise: promiseOf(code) },
      create: when(edit),
    });
    return [
      mutant('skip a check', (answer) => succeed(operation, answer)),
      mutant('wrong status', (answer) => ({ ...answer, status: status === 400 ? 422 : 400 })),
      mutant('wrong code', (answer) => ({
        ...answer,
        text: editText(answer.text, ['code'], set(anotherCode(operation, status, code))) ?? answer.text,
      })),
    ];
  }),
);

/** Errors with a wrong shape: every field, for each operation, and the required headers. */
export const errorShapeMutants: readonly Mutant[] = operations.flatMap((operation) =>
  codesOf(operation).flatMap(({ status, code, schema }) => {
    const provokedBy = ruleOf(operation.id, code);
    if (provokedBy === undefined || !['Unauthorized', 'InvalidRequest'].includes(code)) return [];
    const when = (edit: (answer: PassedAnswer) => PassedAnswer) => (hits: Hits) => ({
      answer: (answer: PassedAnswer, request: PassedRequest) =>
        change(operation, { status, code }, hits, answer, request, edit),
    });
    const common = { promise: 9, provokedBy: [provokedBy.replace(/ \(.*/, '')] };
    const place = `${code} of ${operation.id}`;
    return [
      ...mutateFields(schema, openapi).map(({ operator, path, edit }) => ({
        ...{ ...common, operator, place: `/${path.join('/')} of ${place}` },
        killedBy: `rest/answer-body (${operation.id})`,
        create: when((answer) => ({ ...answer, text: editText(answer.text, path, edit) ?? answer.text })),
      })),
      ...(code === 'Unauthorized'
        ? [
            {
              ...{ ...common, operator: 'drop' as const, place: `WWW-Authenticate of ${place}` },
              killedBy: `rest/answer-headers (${operation.id})`,
              create: when((answer) => ({
                ...answer,
                headers: withHeader(answer.headers, 'WWW-Authenticate', undefined),
              })),
            },
          ]
        : [
            {
              ...{ promise: 9, operator: 'drop' as const, place: `the pointers of ${place}` },
              killedBy: provokedBy,
              create: when((answer) => ({
                ...answer,
                text: editText(answer.text, ['details', '*', 'pointer'], drop) ?? answer.text,
              })),
            },
          ]),
    ];
  }),
);

interface ErrorOf {
  readonly status: number;
  readonly code: string;
  readonly schema: Json | undefined;
}

function codesOf({ node }: Operation): ErrorOf[] {
  return entries(at(node, 'responses')).flatMap(([status, response]) => {
    const schema = at(resolve(response), 'content', 'application/json', 'schema');
    const codes = elements(at(elements(at(schema, 'allOf'))[1], 'properties', 'code', 'enum'));
    return codes.map((code) => ({ status: Number(status), code: String(code), schema }));
  });
}

/** The successful answer in the examples of the document. */
function succeed({ node }: Operation, { headers }: PassedAnswer): PassedAnswer {
  const [status = '200', response] = entries(at(node, 'responses')).find(([status]) => status < '3') ?? [];
  const example = at(response, 'content', 'application/json', 'example');
  return { status: Number(status), headers, text: example === undefined ? '' : JSON.stringify(example) };
}

/** A code that means something else: of the same operation and status if there is one, else of another status. */
function anotherCode(operation: Operation, status: number, code: string): string {
  // The kit cannot see that TooManyRequests is wrong: it tries again.
  const all = codesOf(operation).filter((other) => other.code !== code && other.code !== 'TooManyRequests');
  return (all.find((other) => other.status === status) ?? all[0])?.code ?? 'NotFound';
}

function change(
  operation: Operation,
  { status, code }: Pick<ErrorOf, 'status' | 'code'>,
  hits: Hits,
  answer: PassedAnswer,
  { method, target }: PassedRequest,
  edit: (answer: PassedAnswer) => PassedAnswer,
): PassedAnswer {
  if (answer.status !== status || !operation.matches(method, target)) return answer;
  if (at(parseJson(answer.text), 'code') !== code) return answer;
  const changed = edit(answer);
  if (
    changed.status !== answer.status ||
    changed.text !== answer.text ||
    changed.headers.length !== answer.headers.length
  )
    hits.count += 1;
  return changed;
}
