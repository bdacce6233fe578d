import { type PassedAnswer, type PassedRequest, withHeader } from '../proxy/change.js';
import { at, entries, type Operation, openapi, operations, resolve } from './documents.js';
import { editText, set } from './edit-json.js';
import { mutateFields } from './fields.js';
import type { Hits, Mutant } from './mutant.js';
import { provokedBy } from './provoked-by.js';

/** Successful answers that do not fit the document, for each operation: its status, headers and every field. */
export const answerMutants: readonly Mutant[] = operations.flatMap((operation) => {
  const mutant = (
    part: string,
    rest: Pick<Mutant, 'operator' | 'place' | 'create'>,
    path?: readonly string[],
  ): Mutant => ({
    promise: 9,
    killedBy: `rest/answer-${part} (${operation.id})`,
    provokedBy: provokedBy(operation.id, path),
    ...rest,
  });
  return entries(at(operation.node, 'responses')).flatMap(([status, response]) => {
    const place = `${status} of ${operation.id}`;
    const code = Number(status);
    // Errors are in errors.ts. getOpenapi and getAsyncapi answer with YAML.
    if (!(code < 300) && code !== 426) return [];
    const content = at(resolve(response), 'content');
    const schema = at(content, 'application/json', 'schema');
    const when = (edit: (answer: PassedAnswer) => PassedAnswer | undefined) => (hits: Hits) => ({
      answer: (answer: PassedAnswer, request: PassedRequest) => change(operation, code, hits, answer, request, edit),
    });
    return [
      mutant('status', {
        operator: 'wrong status',
        place,
        create: when((answer) => ({ ...answer, status: code === 426 ? 299 : 299 - (code % 100) })),
      }),
      mutant('headers', {
        operator: 'drop',
        place: `X-Request-Id of ${place}`,
        create: when((answer) => ({ ...answer, headers: withHeader(answer.headers, 'X-Request-Id', undefined) })),
      }),
      ...(content === undefined
        ? []
        : [
            mutant('headers', {
              operator: 'wrong value',
              place: `Content-Type of ${place}`,
              create: when((answer) => ({
                ...answer,
                headers: withHeader(answer.headers, 'Content-Type', 'text/html'),
              })),
            }),
          ]),
      ...mutateFields(schema, openapi).map(({ operator, path, edit }) =>
        mutant(
          'body',
          {
            operator,
            place: `/${path.join('/')} of ${place}`,
            create: when((answer) => withText(answer, editText(answer.text, path, edit))),
          },
          path,
        ),
      ),
      ...(code === 426
        ? [
            mutant('body', {
              operator: 'wrong value',
              place: `request_id of ${place}`,
              create: when((answer) =>
                withText(answer, editText(answer.text, ['request_id'], set('550e8400-e29b-41d4-a716-446655440000'))),
              ),
            }),
          ]
        : []),
    ];
  });
});

function change(
  operation: Operation,
  status: number,
  hits: Hits,
  answer: PassedAnswer,
  { method, target }: PassedRequest,
  edit: (answer: PassedAnswer) => PassedAnswer | undefined,
): PassedAnswer {
  if (answer.status !== status || !operation.matches(method, target)) return answer;
  const changed = edit(answer);
  if (changed !== undefined) hits.count += 1;
  return changed ?? answer;
}

function withText(answer: PassedAnswer, text: string | undefined): PassedAnswer | undefined {
  return text === undefined ? undefined : { ...answer, text };
}
