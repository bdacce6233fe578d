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
    const outcome = await runRule(rule, where, options.missing);
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
