import { expect, it } from 'vitest';
import { BrokenRule, NotExercised } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import { createWorld } from '../world/create-world.js';
import { runRules } from './run-rules.js';

/** A world whose restart is counted, and in which nothing is asked. */
async function createEmptyWorld() {
  let restarts = 0;
  const restart = async () => {
    restarts += 1;
  };
  const { signal } = new AbortController();
  const world = await createWorld({ url: 'http://127.0.0.1:1', token: 'parley_secret', seed: 1, signal });
  return { world: { ...world, restart }, restarts: () => restarts, close: () => world.close() };
}

function rule(name: string, when: Rule['when'], run: Rule['run']): Rule {
  return {
    id: `rest/${name}`,
    level: 'core',
    title: 'X.',
    source: 'openapi.yaml#/info',
    ...(when ? { when } : {}),
    run,
  };
}

it('runs those that judge last, those alone one by one, and restarts once for all', async () => {
  const { world, restarts, close } = await createEmptyWorld();
  const order: string[] = [];
  const note = (name: string) => async () => void order.push(name);
  const restarting = (name: string) =>
    rule(name, 'restart', async ({ restart }) => {
      order.push(`${name} before`);
      await restart();
      order.push(`${name} after`);
    });
  const rules = [
    rule('last', 'last', note('last')),
    rule('serial', 'serial', note('serial')),
    restarting('a'),
    rule('gives-up', 'restart', async () => {
      throw new NotExercised('no agent');
    }),
    restarting('b'),
    rule('parallel', undefined, note('parallel')),
  ];
  const outcomes = await runRules(rules, world, { concurrency: 2, missing: [] });
  await close();
  expect(outcomes.map((outcome) => outcome.rule)).toEqual(rules);
  expect(outcomes.map(({ status }) => status)).toEqual([
    'passed',
    'passed',
    'passed',
    'not_exercised',
    'passed',
    'passed',
  ]);
  expect(order[0]).toBe('parallel');
  expect(order.slice(1, 3)).toEqual(['a before', 'b before']);
  expect(order.slice(-2)).toEqual(['serial', 'last']);
  expect(restarts()).toBe(1);
});

it('shows what was thrown, without a secret, and a defect of the kit as one', async () => {
  const { world, close } = await createEmptyWorld();
  const one = new BrokenRule({ expected: 'no parley_secret', got: 'parley_secret', sent: 'x parley_secret' });
  const rules = [
    rule('broken', undefined, async () => {
      throw one;
    }),
    rule('broken-twice', undefined, async () => {
      throw new AggregateError([one, one]);
    }),
    rule('defect', undefined, async () => {
      throw new TypeError('x is no function of parley_secret');
    }),
  ];
  const [broken, twice, defect] = await runRules(rules, world, { concurrency: 1, missing: [] });
  await close();
  expect(broken?.failures).toEqual([
    { line: 'openapi.yaml:2', expected: 'no $PARLEY_TOKEN', got: '$PARLEY_TOKEN', sent: 'x $PARLEY_TOKEN' },
  ]);
  expect(twice?.failures).toHaveLength(2);
  expect(defect).toMatchObject({
    status: 'failed',
    failures: [{ got: expect.stringContaining('x is no function of $PARLEY_TOKEN') }],
  });
});

it('ends what a rule leaves open with the rule, also with one that is broken', async () => {
  const { world, close } = await createEmptyWorld();
  const signals: AbortSignal[] = [];
  const leave = async ({ signal }: { signal: AbortSignal }) => {
    expect(signal.aborted).toBe(false);
    signals.push(signal);
    throw new BrokenRule({ expected: 'x', got: 'y' });
  };
  await runRules([rule('a', undefined, leave), rule('b', 'serial', leave)], world, { concurrency: 1, missing: [] });
  await close();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(world.signal.aborted).toBe(false);
});
