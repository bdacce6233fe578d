import { expect, it } from 'vitest';
import type { Level } from './rule.js';
import type { Outcome } from './run/outcome.js';
import { judgeRun } from './verdict.js';

function outcome(level: Level, status: Outcome['status']): Outcome {
  const rule = { id: 'rest/x', level, title: 'X.', source: 'openapi.yaml#/info', run: async () => undefined } as const;
  return { rule, status, failures: [], duration: 1 };
}

it.each([
  [
    'every rule passed',
    'full',
    [
      ['core', 'passed'],
      ['agent', 'passed'],
      ['full', 'passed'],
    ],
    'full',
    0,
  ],
  [
    'one is broken',
    'full',
    [
      ['core', 'passed'],
      ['agent', 'failed'],
      ['full', 'passed'],
    ],
    'core',
    1,
  ],
  [
    'one was not exercised',
    'full',
    [
      ['core', 'passed'],
      ['agent', 'passed'],
      ['full', 'not_exercised'],
    ],
    'agent',
    2,
  ],
  [
    'one is broken and one was not exercised',
    'agent',
    [
      ['core', 'not_exercised'],
      ['agent', 'failed'],
    ],
    null,
    1,
  ],
  ['there was none', 'core', [], null, 2],
] as const)('where %s of level %s', (_, asked, statuses, reached, exitCode) => {
  const verdict = judgeRun(
    asked,
    statuses.map(([level, status]) => outcome(level, status)),
  );
  expect(verdict).toMatchObject({ asked, reached, exitCode });
});
