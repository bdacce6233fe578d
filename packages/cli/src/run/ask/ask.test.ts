import type { Approval } from '@parleyhq/client';
import { describe, expect, it } from 'vitest';
import { answerUnattended } from './answer-unattended.js';
import { fieldsOf, readField } from './form-fields.js';
import { assignKeys } from './option-keys.js';

describe('the keys of an approval', () => {
  it('are those that people expect, and another for each further option of a kind', () => {
    const options = (
      ['allow_once', 'allow_always', 'reject_once', 'reject_always', 'allow_once', 'reject_once'] as const
    ).map((kind, index) => ({ option_id: `${index}`, name: kind, kind }));
    const keys = [...assignKeys(options)].map(([key, { option_id }]) => [key, option_id]);
    expect(keys).toEqual([
      ['y', '0'],
      ['a', '1'],
      ['n', '2'],
      ['x', '3'],
      ['1', '4'],
      ['2', '5'],
    ]);
  });

  it('are enough for as many options as there can be', () => {
    const options = Array.from({ length: 64 }, (_, index) => ({
      option_id: `${index}`,
      name: '',
      kind: 'allow_once' as const,
    }));
    expect(assignKeys(options).size).toBe(64);
  });
});

describe('a field of a form', () => {
  function fieldOf(property: object, required = true) {
    const [field] = fieldsOf({ properties: { field: property }, required: required ? ['field'] : [] });
    if (field === undefined) throw new Error('expected a field');
    return field;
  }

  it.each([
    [{ type: 'string' }, ' as it is ', { value: ' as it is ' }],
    [{ type: 'number' }, '1.5', { value: 1.5 }],
    [{ type: 'integer' }, '1.5', { problem: 'Expected a whole number.' }],
    [{ type: 'number' }, 'x', { problem: 'Expected a number.' }],
    [{ type: 'string', default: 'x' }, '', { value: 'x' }],
    [{ type: 'string' }, '', { problem: 'An answer is needed.' }],
    [{ type: 'string', enum: ['a', 'b'] }, '2', { value: 'b' }],
    [{ type: 'string', enum: ['a', 'b'] }, '3', { problem: 'Expected a number, from 1 to 2.' }],
    [{ type: 'string', enum: ['a', 'b'] }, '1,2', { problem: 'Expected a number, from 1 to 2.' }],
    [{ type: 'string', oneOf: [{ const: 'a', title: 'A' }] }, '1', { value: 'a' }],
    [{ type: 'array', items: { enum: ['a', 'b', 'c'] } }, '1, 3', { value: ['a', 'c'] }],
    [{ type: 'array', items: { anyOf: [{ const: 'a' }, { const: 'b' }] } }, '2', { value: ['b'] }],
    [{ type: 'boolean' }, '2', { value: false }],
  ])('%j reads %j as %j', (property, line, read) => {
    expect(readField(fieldOf(property), line)).toEqual(read);
  });

  it('may be left out where it is not required', () => {
    expect(readField(fieldOf({ type: 'string' }, false), '')).toEqual({ value: undefined });
  });

  it('says what may be said', () => {
    expect(fieldOf({ type: 'integer', title: 'Count', default: 3 })).toMatchObject({
      title: 'Count',
      hint: 'a whole number; else 3',
    });
    expect(fieldOf({ type: 'array', items: { enum: ['a'] } }, false).hint).toBe('numbers, with commas, or nothing');
    expect(fieldsOf({})).toEqual([]);
  });
});

it('--yes answers no question for the person: of several ways to allow it chooses none', async () => {
  const said: string[] = [];
  const answers = answerUnattended({ yes: true, show: () => undefined, tell: (what) => said.push(what) });
  const options = (['allow_once', 'allow_once', 'reject_once'] as const).map((kind, index) => ({
    ...{ option_id: `${index}`, name: kind },
    kind,
  }));
  const approval = { options, tool_call: { title: 'Which way?' } } as Pick<Approval, 'options' | 'tool_call'>;
  expect(await answers.approval(approval as Approval, new AbortController().signal)).toMatchObject({ option_id: '2' });
  expect(said).toEqual(['Rejected: Which way?: it is a question, which needs a person.']);
});
