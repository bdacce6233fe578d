import { BrokenRule, NotExercised } from '../broken-rule.js';
import type { Source } from '../documents/locate.js';
import { operations } from '../documents/operations.js';
import type { Rule } from '../rule.js';
import { ANSWER_PARTS, type AnswerPart } from '../wire/judge-answer.js';

const TITLES: Readonly<Record<AnswerPart, string>> = {
  status: 'Every answer has a status that the documents list for the operation.',
  headers: 'Every answer has the headers and the content type that the documents list for it.',
  body: 'Every answer has a body that fits its schema, with a code that belongs to its status.',
};

/** Judges every answer of the whole run, for each operation, and for requests that are no operation. */
export const answerRules: readonly Rule[] = [
  ...ANSWER_PARTS.flatMap((part) => [
    ...operations.map(({ operationId, pointer }) => createRule(part, operationId, `openapi.yaml#${pointer}`)),
    createRule(part, undefined, 'openapi.yaml#/components/responses/Error'),
  ]),
  {
    id: 'rest/request-id',
    level: 'core',
    title: 'Each answer has a different X-Request-Id.',
    source: 'openapi.yaml#/components/schemas/ErrorData/properties/request_id',
    when: 'last',
    async run({ wire }) {
      const [exchange] = wire.repeated;
      if (exchange === undefined) return;
      const got = `${exchange.headers.get('x-request-id')} again`;
      throw new BrokenRule({ expected: 'another X-Request-Id', got, exchange });
    },
  },
  {
    id: 'rest/no-secrets',
    level: 'core',
    title: 'No answer contains a credential, except that of login.',
    source: 'PROTOCOL.md#A token is never part of a URL',
    when: 'last',
    async run({ wire }) {
      const [exchange] = wire.leaks;
      if (exchange !== undefined) throw new BrokenRule({ expected: 'no credential', got: 'one', exchange });
    },
  },
];

function createRule(part: AnswerPart, operationId: string | undefined, source: Source): Rule {
  return {
    id: `rest/answer-${part}`,
    subject: operationId ?? 'no operation',
    level: 'core',
    title: TITLES[part],
    source,
    promise: 9,
    when: 'last',
    async run({ wire, strict }) {
      if (!wire.answers.has(operationId ?? '')) throw new NotExercised('the run had no answer to judge');
      const broken = wire.findings
        .filter(({ exchange, problem }) => exchange.operation?.operationId === operationId && problem.part === part)
        .filter(({ problem }) => strict || problem.fit === 'broken')
        .map(({ exchange, problem: { expected, got, pointer } }) => {
          return new BrokenRule({
            expected,
            got,
            exchange,
            source: pointer === '' ? source : `openapi.yaml#${pointer}`,
          });
        });
      if (broken.length > 0) throw new AggregateError(broken);
    },
  };
}
