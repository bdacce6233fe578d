import { expect, test } from 'vitest';

import { selectEnvironment } from './environment.js';

test('an agent sees the harmless variables, its own, and nothing else', () => {
  const server = {
    PATH: '/bin',
    LC_ALL: 'C',
    PARLEY_TOKEN: 'secret',
    AWS_SECRET: 'secret',
    CODEX_HOME: '/c',
    EMPTY: undefined,
  };
  expect(selectEnvironment(server, ['CODEX_*', 'MISSING', 'EMPTY'], {})).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    CODEX_HOME: '/c',
  });
});

test('what is set for an agent wins', () => {
  expect(selectEnvironment({ CODEX_HOME: '/theirs' }, ['CODEX_*'], { CODEX_HOME: '/ours', X: '1' })).toEqual({
    CODEX_HOME: '/ours',
    X: '1',
  });
});
