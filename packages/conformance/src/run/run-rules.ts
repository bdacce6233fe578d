import type { Need, Rule } from '../rule.js';
import type { World } from '../world/world.js';
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

/** Tries rules: those that can be together first, then each that must be alone, then those that judge the whole run. */
export async function runRules(rules: readonly Rule[], world: World, options: RunOptions): Promise<Outcome[]> {
  const outcomes = new Map<Rule, Outcome>();
  const runSome = async (when: Rule['when'], places: number) => {
    const waiting = rules.filter((rule) => (rule.when ?? 'together') === when).values();
    const work = async () => {
      for (const rule of waiting) {
        const outcome = await runRule(rule, world, options.missing);
        outcomes.set(rule, outcome);
        options.onOutcome?.(outcome);
      }
    };
    await Promise.all(Array.from({ length: places }, work));
  };
  await runSome('together', options.places);
  await runSome('alone', 1);
  await runSome('last', 1);
  return rules.flatMap((rule) => outcomes.get(rule) ?? []);
}
