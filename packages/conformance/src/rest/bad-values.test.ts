import { describe, expect, it } from 'vitest';
import { operations } from '../documents/operations.js';
import { judgeValue } from '../documents/validators.js';
import { badParametersOf } from './bad-parameters.js';
import { badValuesOf, sampleOf } from './bad-values.js';

const bodies = operations.flatMap(({ operationId, body }) =>
  body === undefined ? [] : [[operationId, body.pointer, body.examples] as const],
);

describe('values that break a constraint', () => {
  it.each(bodies)('of the body of %s are refused by its schema, each in its own way', (_, pointer, examples) => {
    const values = badValuesOf(pointer, examples.at(-1)?.[1]);
    for (const { value, place, what } of values) {
      const { fit, problems } = judgeValue({ document: 'openapi.yaml', pointer }, value);
      expect(fit, `${what} at ${place}: ${JSON.stringify(value).slice(0, 200)}`).not.toBe('fits');
      const parents = [place, place.replace(/\/[^/]*$/, '')];
      expect(
        problems.some((problem) => parents.includes(problem.place)),
        `${what} at ${place}`,
      ).toBe(true);
    }
    const keys = values.map(({ place, what }) => `${place} ${what}`);
    expect(new Set(keys).size).toBeGreaterThanOrEqual(Math.min(keys.length, 2));
  });

  it('has each kind of constraint', () => {
    const whats = bodies.flatMap(([, pointer]) => badValuesOf(pointer).map(({ what }) => what));
    const kinds = [
      'no cwd',
      'too short',
      'too long',
      'below its minimum',
      'past its maximum',
      'not whole',
      'not a UUID',
    ];
    kinds.push('not match', 'unknown property', 'not listed', 'in place of', 'too many properties', 'unknown type');
    for (const kind of kinds)
      expect(
        whats.some((what) => what.includes(kind)),
        kind,
      ).toBe(true);
  });
});

it('a sample fits its schema', () => {
  for (const [, pointer] of bodies) {
    expect(judgeValue({ document: 'openapi.yaml', pointer }, sampleOf(pointer)).fit).toBe('fits');
  }
});

it('texts of parameters break each constraint', () => {
  const found = operations.flatMap(({ operationId, parameters }) =>
    parameters.flatMap((one) => badParametersOf(one).map(({ what }) => `${operationId} ${one.name}: ${what}`)),
  );
  expect(found).toEqual(
    expect.arrayContaining([
      'listSessions limit: a number below its minimum',
      'listSessions limit: a number past its maximum',
      'listSessions limit: not of type integer',
      'listSessions status: a value that is not listed',
      'closeSession purge: not of type boolean',
      'submit Idempotency-Key: a text that is too long',
    ]),
  );
});
