import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { runTemplate } from '../src/asyncapi/run.js';
import { checkExamples } from '../src/examples.js';
import { checkErrorCodes } from '../src/openapi/check-errors.js';
import { compileSchemas } from '../src/schemas/compile.js';
import { readDocument } from './helpers/generated.js';

const api = (schemas, paths = {}) => ({ openapi: '3.1.0', info: {}, paths, components: { schemas } });

describe('documents with mistakes', () => {
  it('are refused where a payload or a variant has no name', async () => {
    const { document } = readDocument('market');
    const payload = { type: 'object', properties: { a: { type: 'string' } } };
    const inline = {
      ...document,
      components: { ...document.components, messages: { ...document.components.messages, tick: { payload } } },
    };
    await expect(runTemplate(JSON.stringify(inline))).rejects.toThrow(
      'The payload of the message tick on prices has no name',
    );

    const variant = { type: 'object', required: ['type'], properties: { type: { const: 'a' } } };
    const schemas = {
      ...document.components.schemas,
      State: { oneOf: [variant, { $ref: '#/components/schemas/Open' }] },
    };
    const anonymous = { ...document, components: { ...document.components, schemas } };
    await expect(runTemplate(JSON.stringify(anonymous))).rejects.toThrow('Variant 0 of State has no name');
  });

  it('are refused where the AsyncAPI parser finds them invalid', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await expect(runTemplate(JSON.stringify({ asyncapi: '3.0.0', channels: {} }))).rejects.toThrow(
      'not a correct AsyncAPI document',
    );
    log.mockRestore();
  });

  it('are refused where a keyword is none that the compiler knows', () => {
    const compile = (schema) => () => compileSchemas({ roots: { Root: schema }, schemas: {}, mode: 'strict' });
    expect(compile({ type: 'string', maxlength: 3 })).toThrow('The keyword maxlength of Root is not supported.');
    expect(compile({ unevaluatedProperties: false, oneOf: [{ type: 'object' }] })).toThrow(
      'together with oneOf is not supported',
    );
    expect(compile({ type: 'strng' })).toThrow('There is no type "strng".');
    expect(compile({ type: 'string', pattern: '(' })).toThrow('Invalid regular expression');
    expect(compile({ $ref: 'other.yaml#/a' })).toThrow('bundle the document first');
  });

  it('tell each example that does not fit', () => {
    const Name = { type: 'string', maxLength: 3, examples: ['ab', 'abcd'] };
    const paths = {
      '/a~b': {
        get: {
          operationId: 'a',
          parameters: [{ name: 'n', in: 'query', schema: { $ref: '#/components/schemas/Name' }, example: 5 }],
          responses: {
            200: {
              content: {
                'application/json': {
                  schema: { type: 'array', items: { $ref: '#/components/schemas/Name' } },
                  examples: { one: { value: ['a'] }, two: { value: ['long'] } },
                },
              },
            },
          },
        },
      },
    };
    expect(checkExamples(api({ Name }, paths))).toEqual([
      'The example 1 of Name does not fit: it must NOT have more than 3 characters.',
      'The example example of paths//a~b/get/parameters/0 does not fit: it must be string.',
      'The example two of paths//a~b/get/responses/200/content/application/json does not fit: /0 must NOT have more than 3 characters.',
    ]);
    const message = {
      payload: { $ref: '#/components/schemas/Name' },
      examples: [{ payload: 'abc' }, { name: 'long', payload: 'abcd' }],
    };
    const document = {
      asyncapi: '3.0.0',
      channels: {},
      components: { schemas: { Name: { type: 'string', maxLength: 3 } }, messages: { Say: message } },
    };
    expect(checkExamples(document)).toEqual([
      'The example long of Say does not fit: it must NOT have more than 3 characters.',
    ]);
  });

  it('tell each error code that does not fit the table', () => {
    const body = (codes) => ({
      content: {
        'application/json': { schema: { allOf: [{ type: 'object' }, { properties: { code: { enum: codes } } }] } },
      },
    });
    const paths = {
      '/a': { get: { operationId: 'a', responses: { 404: body(['Missing', 'Gone']), 409: body(['Busy']) } } },
    };
    const document = {
      ...api({ ErrorCode: { enum: ['Missing', 'Other'] } }, paths),
      'x-errors': { Missing: { status: 404 }, Gone: { status: 410 }, Closed: { status: 500, close_code: 4000 } },
      'x-close-codes': {},
    };
    expect(checkErrorCodes(document)).toEqual([
      'a answers 404 Gone, whose status in x-errors is 410.',
      'a answers 409 Busy, which is not in x-errors.',
      'ErrorCode has Other, which is not in x-errors.',
      'x-errors has Gone, which is not in ErrorCode.',
      'x-errors has Closed, which is not in ErrorCode.',
      'x-errors closes with 4000 for Closed, which is not in x-close-codes.',
    ]);
  });
});

describe('a template run', () => {
  it('gives the same bytes each time, and every module says what made it', async () => {
    const { text } = readDocument('market');
    const [first, second] = [await runTemplate(text), await runTemplate(text)];
    expect([...second]).toEqual([...first]);
    const { name, version } = JSON.parse(readFileSync(new URL('../template/package.json', import.meta.url), 'utf8'));
    for (const [file, content] of first) {
      if (file.endsWith('.ts'))
        expect(content).toMatch(new RegExp(`^// Generated by ${name} ${version} from asyncapi.yaml. Do not edit`));
    }
  });
});
