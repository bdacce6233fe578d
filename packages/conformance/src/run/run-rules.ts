import { setMaxListeners } from 'node:events';
import type { Need, Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { createMeeting } from './meeting.js';
import type { Outcome } from './outcome.js';
import { runRule } from './run-rule.js';

/** How rules are run. */
export interface RunOptions {
  /** How many run at the same time. */
  readonly places: number;
  /** What the caller has not given. */
  readonly missing: readonly Need[];
  /** Hears of each rule as it ends. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/**
 * Tries rules: those that can be together first, then those that restart the server, around one restart, then each that must
 * be alone, then those that judge the whole run.
 */
export async function runRules(rules: readonly Rule[], world: World, options: RunOptions): Promise<Outcome[]> {
  const outcomes = new Map<Rule, Outcome>();
  const runOne = async (rule: Rule, where: World) => {
    const outcome = await withSignal(world.signal, (signal) => runRule(rule, { ...where, signal }, options.missing));
    outcomes.set(rule, outcome);
    options.onOutcome?.(outcome);
  };
  const rulesOf = (when: Rule['when']) => rules.filter((rule) => (rule.when ?? 'together') === when);
  const runSome = async (when: Rule['when'], places: number) => {
    const waiting = rulesOf(when).values();
    const work = async () => {
      for (const rule of waiting) await runOne(rule, world);
    };
    await Promise.all(Array.from({ length: places }, work));
  };
  const restarting = rulesOf('restart');
  const meeting = createMeeting(restarting.length, () => world.restart());
  await runSome('together', options.places);
  await Promise.all(
    restarting.map(async (rule) => {
      await runOne(rule, { ...world, restart: () => meeting.join() });
      meeting.leave();
    }),
  );
  await runSome('alone', 1);
  await runSome('last', 1);
  return rules.flatMap((rule) => outcomes.get(rule) ?? []);
}

/** Runs something with a signal that aborts with another, and when it has ended: what it left open, such as a socket, goes. */
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
