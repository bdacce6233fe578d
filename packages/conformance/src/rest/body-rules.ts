import { tryEach } from '../broken-rule.js';
import { type Operation, operations } from '../documents/operations.js';
import type { Rule } from '../rule.js';
import type { Call } from '../world/world.js';
import { type ExpectedAnswer, expectAnswer } from './expect-answer.js';
import { goodCall } from './good-call.js';

/** Bytes of a body that is larger than any server has to accept. */
const TOO_LARGE = 64 * 1024 * 1024;

interface Case {
  readonly what: string;
  readonly call: Partial<Call>;
}

/** Bodies that are not JSON, of another type, or too large. */
export const bodyRules: readonly Rule[] = operations.flatMap((operation) =>
  operation.body === undefined ? [] : [malformedRule(operation), mediaTypeRule(operation), tooLargeRule(operation)],
);

function malformedRule(operation: Operation): Rule {
  const json = { 'Content-Type': 'application/json' };
  const cases: Case[] = [
    { what: 'whose body ends too early', call: { body: '{"cwd": "/', headers: json } },
    { what: 'whose body is not JSON', call: { body: 'no json', headers: json } },
    { what: 'whose body is not UTF-8', call: { body: Buffer.from([0x22, 0xff, 0x22]), headers: json } },
    { what: 'whose body has something after its end', call: { body: '{} {}', headers: json } },
    {
      what: 'whose body is nested very deeply',
      call: { body: `${'['.repeat(1_500)}${']'.repeat(1_500)}`, headers: json },
    },
    ...(operation.body?.required ? [{ what: 'without a body', call: { body: '', headers: json } }] : []),
  ];
  return createRule(operation, {
    id: 'rest/malformed-body',
    title: 'A body that is not JSON is refused.',
    expected: { status: 400, code: 'InvalidRequest', pointer: '/body' },
    cases,
  });
}

function mediaTypeRule(operation: Operation): Rule {
  const types: readonly Readonly<Record<string, string>>[] = [
    { 'Content-Type': 'text/plain' },
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    { 'Content-Type': 'application/xml' },
    { 'Content-Type': 'application/json; charset=utf-16' },
    { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
    { 'Content-Type': '' },
  ];
  return createRule(operation, {
    id: 'rest/media-type',
    title: 'A body of a media type other than application/json in UTF-8 is refused.',
    expected: { status: 415, code: 'UnsupportedMediaType' },
    cases: types.map((headers) => ({
      what: `of ${Object.values(headers).filter(Boolean).join(', ') || 'no type'}`,
      call: { headers },
    })),
  });
}

function tooLargeRule(operation: Operation): Rule {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(TOO_LARGE) };
  return createRule(operation, {
    id: 'rest/too-large',
    title: 'A body that is too large is refused by its announced length.',
    expected: { status: 413, code: 'PayloadTooLarge' },
    cases: [{ what: `that announces ${TOO_LARGE} bytes`, call: { headers, withholdsBody: true } }],
  });
}

function createRule(
  operation: Operation,
  parts: { id: Rule['id']; title: string; expected: ExpectedAnswer; cases: readonly Case[] },
): Rule {
  const { id, title, expected, cases } = parts;
  return {
    ...{ id, title },
    subject: operation.operationId,
    level: 'core',
    source: `openapi.yaml#${operation.pointer}/responses/${expected.status}`,
    async run(world) {
      const good = await goodCall(world, operation);
      await tryEach(cases, async ({ what, call }) => {
        const { json, ...rest } = good;
        const answer = await world.call({ ...rest, body: JSON.stringify(json), ...call });
        expectAnswer(answer, { ...expected, to: what });
      });
    },
  };
}
