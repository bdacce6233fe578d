import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as strictModule from './gen/asyncapi/strict.js';
import * as tolerantModule from './gen/asyncapi/tolerant.js';
import {
  parseClientFrame,
  parseServerFrame,
  requestValidators,
  responseValidators,
  strictClientFrame,
  strictResponseValidators,
  strictServerFrame,
  type Validator,
} from './index.js';

interface Examples {
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Message {
  readonly examples: readonly { readonly payload: Record<string, unknown> }[];
}
interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Examples>> };
  readonly responses: Readonly<Record<string, { $ref?: string; content?: Record<string, Examples> }>>;
}
type Validators = Readonly<Record<string, Validator<unknown> | undefined>>;

const openapi = parse(readFileSync(new URL('../../../openapi.yaml', import.meta.url), 'utf8'));
const asyncapi = parse(readFileSync(new URL('../../../asyncapi.yaml', import.meta.url), 'utf8'));

const operations: Operation[] = Object.values<Record<string, Operation>>(openapi.paths).flatMap((item) =>
  Object.values(item).filter((operation) => operation.operationId !== undefined),
);
const strict: Validators = strictModule as object as Validators;
const tolerant: Validators = tolerantModule as object as Validators;
const requests: Validators = requestValidators;
const answers: Readonly<Record<string, Validators>> = responseValidators;
const strictAnswers: Readonly<Record<string, Validators>> = strictResponseValidators;

function valuesOf({ example, examples = {} }: Examples): unknown[] {
  return [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)];
}

function problemsOf(validate: Validator<unknown> | undefined, value: unknown): unknown {
  const result = validate?.(value);
  return result?.ok ? [] : (result?.problems ?? 'there is no validator');
}

describe('the examples of REST', () => {
  it.each(operations.filter(({ requestBody }) => requestBody).map((operation) => [operation.operationId, operation]))(
    'of a request of %s are what its validator takes',
    (id, { requestBody }) => {
      const examples = valuesOf(requestBody?.content['application/json'] ?? {});
      expect(examples).not.toEqual([]);
      for (const example of examples) expect(problemsOf(requests[id], example)).toEqual([]);
    },
  );

  it.each(operations.map((operation) => [operation.operationId, operation]))(
    'of each answer of %s fit strictly and tolerantly',
    (id, { responses }) => {
      for (const [status, response] of Object.entries(responses)) {
        const shared = response.$ref && openapi.components.responses[response.$ref.split('/').at(-1) ?? ''];
        const content = (shared ?? response).content?.['application/json'];
        if (content === undefined) continue;
        const examples = valuesOf(content);
        expect(examples, `${id} ${status} has an example`).not.toEqual([]);
        for (const example of examples) {
          expect(problemsOf(strictAnswers[id]?.[status], example)).toEqual([]);
          expect(problemsOf(answers[id]?.[status], example)).toEqual([]);
          const grown = { ...(example as object), grown: 1 };
          expect(strictAnswers[id]?.[status]?.(grown).ok).toBe(false);
          expect(problemsOf(answers[id]?.[status], grown)).toEqual([]);
        }
      }
    },
  );
});

describe('the examples of frames', () => {
  const sides = {
    sendToClient: { parse: parseServerFrame, validate: strictServerFrame },
    receiveFromClient: { parse: parseClientFrame, validate: strictClientFrame },
  };
  const names = (side: keyof typeof sides): string[] =>
    asyncapi.operations[side].messages.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1));
  const frames = (['sendToClient', 'receiveFromClient'] as const).flatMap((side) =>
    names(side).map((name): [string, keyof typeof sides] => [name, side]),
  );

  it.each(frames)('of %s (%s) are read, and fit strictly', (name, side) => {
    const { examples }: Message = asyncapi.components.messages[name];
    expect(examples.length).toBeGreaterThan(0);
    for (const { payload } of examples) {
      expect(sides[side].parse(JSON.stringify(payload))).toEqual({ ok: true, value: payload });
      expect(problemsOf(sides[side].validate, payload)).toEqual([]);
    }
  });
});

describe('the examples of variants', () => {
  const unions = ['Event', 'Item', 'ContentBlock', 'ToolCallContent', 'Delta', 'Submission', 'PromptContent'];
  const variants = unions.flatMap((union) =>
    openapi.components.schemas[union].oneOf.map(({ $ref }: { $ref: string }) => [union, $ref.split('/').at(-1)]),
  );

  it.each<[string, string]>(variants)(
    'of %s: %s fit strictly and tolerantly, alone and in the union',
    (union, name) => {
      const { examples } = openapi.components.schemas[name];
      expect(examples?.length).toBeGreaterThan(0);
      for (const example of examples) {
        for (const schema of [union, name]) {
          expect(problemsOf(strict[`strict${schema}`], example)).toEqual([]);
          expect(problemsOf(tolerant[`tolerant${schema}`], example)).toEqual([]);
        }
        expect(strict[`strict${union}`]?.({ ...example, grown: 1 }).ok).toBe(false);
        expect(tolerant[`tolerant${union}`]?.({ ...example, grown: 1 }).ok).toBe(true);
      }
    },
  );

  it.each(unions)('a variant of %s that nobody knows passes a tolerant reader where the union may grow', (union) => {
    const value = { type: 'from_the_future', anything: true };
    const extensible = openapi.components.schemas[union]['x-extensible'] === true;
    expect(strict[`strict${union}`]?.(value).ok).toBe(false);
    expect(tolerant[`tolerant${union}`]?.(value).ok).toBe(extensible);
  });
});
