import { expect, it } from 'vitest';
import { checkAnswers } from './check-form-answers.js';

const form = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

it('names each answer that does not fit the form', () => {
  const schema = form({ age: { type: 'integer' }, name: { type: 'string' } }, { required: ['name'] });
  expect(() => checkAnswers(schema, { age: 'old' })).toThrow(
    expect.objectContaining({
      code: 'InvalidRequest',
      details: [
        { pointer: '/body/content', message: expect.stringContaining('name') },
        { pointer: '/body/content/age', message: expect.stringContaining('integer') },
      ],
    }),
  );
  checkAnswers(schema, { name: 'Ada', age: 36 });
});

it('runs no regular expression of an agent: one that backtracks would stop the server', () => {
  const schema = form({ a: { type: 'string', pattern: '^(a+)+$' }, pattern: { type: 'boolean' } });
  checkAnswers(schema, { a: `${'a'.repeat(40)}!` });
  expect(() => checkAnswers(schema, { pattern: 'a field of this name is checked' })).toThrow(/InvalidRequest/);
});

it('accepts any answer to a form that is not a JSON Schema', () => {
  checkAnswers(form({ a: { type: 'nonsense' } }), { a: 1 });
});
