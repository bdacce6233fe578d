import { beforeAll, describe, expect, it } from 'vitest';
import { countChangedLines, generateContract, readContractTexts } from './helpers/contract.js';

/** What a reviewer has to read of one change, the documents included. */
const BUDGET = 60;

const FIELD = `        review_state:
          type: object
          additionalProperties: false
          required: [state]
          properties:
            state: { type: string, enum: [open, approved, rejected], x-extensible: true }
            reviewer: { type: string, minLength: 1, maxLength: 177 }
            comment: { type: string, maxLength: 4096 }
            at: { $ref: '#/components/schemas/Timestamp' }
          description: What a reviewer has said of it.
`;

const EVENT = `    ReviewedEvent:
      type: object
      additionalProperties: false
      required: [type, state]
      properties:
        type: { type: string, const: reviewed }
        state: { type: string, enum: [approved, rejected], x-extensible: true }
      description: A person has reviewed the patch.
`;

/** The first member of a schema's properties, so that everything else comes after it. */
const withField = (schema) => (text) =>
  text.replace(new RegExp(`(\\n    ${schema}:\\n[\\s\\S]*?\\n      properties:\\n)`), `$1${FIELD}`);

const withEvent = (text) =>
  text
    .replace('    NoticeEvent:\n', `${EVENT}    NoticeEvent:\n`)
    .replace(/(\n {4}Event:\n[\s\S]*?oneOf:\n)/, "$1        - $ref: '#/components/schemas/ReviewedEvent'\n");

const withCode = (text) =>
  text
    .replace(
      '\nx-errors:\n',
      "\nx-errors:\n  ReviewMissing: { status: 409, retryable: false, description: 'Nobody has reviewed it.' }\n",
    )
    .replace(/(\n {4}ErrorCode:\n[\s\S]*?enum:\n)/, '$1        - ReviewMissing\n');

describe('the diff of a change to the documents', () => {
  const texts = readContractTexts();
  let before;
  beforeAll(async () => {
    before = await generateContract(texts);
  });

  it.each([
    ['an optional field of what is answered', withField('Session')],
    ['an optional field of what is asked', withField('CreateSessionRequest')],
    ['a variant of an event', withEvent],
    ['an error code', withCode],
  ])('is short for %s', async (_, edit) => {
    const openapi = edit(texts.openapi);
    expect(openapi).not.toBe(texts.openapi);
    const changed = countChangedLines(before, await generateContract({ ...texts, openapi }));
    const total = Object.values(changed).reduce((sum, count) => sum + count, 0);
    expect({ changed, total }).toEqual({ changed, total: expect.toSatisfy((lines) => lines <= BUDGET) });
    expect(changed['packages/contract/src/gen/openapi.ts']).toBeGreaterThan(0);
  });
});
