import { expect, it } from 'vitest';
import { routes } from '../gen/routes.js';
import { problemOf } from './check-answer.js';

const health = { status: 'healthy', timestamp: 1, session_count: 0, uptime: 0 };

it('an answer that fits the contract has no problem', () => {
  expect(problemOf(routes.getHealth, { status: 200, body: health })).toBeUndefined();
  expect(problemOf(routes.closeSession, { status: 204 })).toBeUndefined();
});

it('an answer that does not fit the contract is named with each place', () => {
  const { uptime: _, ...rest } = health;
  const problem = problemOf(routes.getHealth, { status: 200, body: { ...rest, status: 'fine' } });
  expect(problem).toContain('/status');
  expect(problem).toContain('/uptime');
  expect(problemOf(routes.getHealth, { status: 200, body: { ...health, extra: 1 } })).toContain('/extra');
});

it('an answer with a status that is not documented is refused', () => {
  expect(problemOf(routes.getHealth, { status: 201, body: health })).toBe('status 201 is not documented');
  expect(problemOf(routes.getSession, { status: 204 })).toBe('status 204 is not documented');
});
