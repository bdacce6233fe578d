import { setMaxListeners } from 'node:events';
import type { Need, Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { createBarrier } from './barrier.js';
import type { Outcome } from './outcome.js';
import { runRule } from './run-rule.js';

/** How rules are run. */
export interface RunOptions {
  /** How many run at the same time. */
  readonly concurrency: number;
  /** What the caller has not provided. */
  readonly missing: readonly Need[];
  /** Called with the outcome of each rule as it ends. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/**
 * Runs rules: first those that can run in parallel, then those that restart the server, with one restart for all of
 * them, then the serial ones one after another, then those that judge the whole run.
 */
export async function runRules(rules: readonly Rule[], world: World, options: RunOptions): Promise<Outcome[]> {
  const outcomes = new Map<Rule, Outcome>();
  const runOne = async (rule: Rule, where: World) => {
    const outcome = await withSignal(world.signal, (signal) => runRule(rule, { ...where, signal }, options.missing));
    outcomes.set(rule, outcome);
    options.onOutcome?.(outcome);
  };
  const rulesOf = (when: Rule['when']) => rules.filter((rule) => (rule.when ?? 'parallel') === when);
  const runSome = async (when: Rule['when'], concurrency: number) => {
    const waiting = rulesOf(when).values();
    const work = async () => {
      for (const rule of waiting) await runOne(rule, world);
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  };
  const restarting = rulesOf('restart');
  const barrier = createBarrier(restarting.length, () => world.restart());
  await runSome('parallel', options.concurrency);
  await Promise.all(
    restarting.map(async (rule) => {
      await runOne(rule, { ...world, restart: () => barrier.join() });
      barrier.leave();
    }),
  );
  await runSome('serial', 1);
  await runSome('last', 1);
  return rules.flatMap((rule) => outcomes.get(rule) ?? []);
}

/** Runs work with a signal that aborts when `outer` does or when the work ends, so that what it left open is closed. */
async function withSignal<T>(outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const inner = new AbortController();
  setMaxListeners(0, inner.signal);
  const stop = () => inner.abort(outer.reason);
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });
  try {
    return await work(inner.signal);
  } finally {
    outer.removeEventListener('abort', stop);
    inner.abort();
  }
}
