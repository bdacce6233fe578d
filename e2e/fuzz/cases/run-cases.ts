import { createRandom } from '../../shared/random.js';
import { createFuzzClient } from './client.js';
import { describePlan } from './describe-plan.js';
import { nameOf, planCase } from './plan-case.js';
import type { World } from './world.js';

/** Which cases are sent. */
export interface Run {
  readonly seed: number;
  readonly from: number;
  /** Without it. */
  readonly to: number;
  /** How many at a time. */
  readonly atOnce: number;
}

/** The result of the cases. */
export interface Outcome {
  /** What was wrong, each with how to repeat it. After ten problems no more cases are sent. */
  readonly failures: readonly string[];
  /** How often each operation was requested, and how often each status, close code or frame came. */
  readonly counts: ReadonlyMap<string, number>;
}

const MAX_FAILURES = 10;

/** Sends cases and judges what comes. */
export async function runCases(world: World, { seed, from, to, atOnce }: Run): Promise<Outcome> {
  const choices = createRandom(seed);
  const failures: string[] = [];
  const counts = new Map<string, number>();
  const counted = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  let next = from;
  const work = async () => {
    const client = createFuzzClient(world, counted);
    while (next < to && failures.length < MAX_FAILURES) {
      const number = next;
      next += 1;
      const plan = planCase(choices.fork(number), world);
      counted(nameOf(plan));
      const problem = await client.run(plan);
      if (problem === undefined) continue;
      failures.push(`FUZZ_SEED=${seed} FUZZ_CASE=${number}\n${problem}\n${describePlan(plan, world)}`);
    }
    const problem = await client.close();
    if (problem !== undefined) failures.push(`in answer to one of the last messages: ${problem}`);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { failures, counts };
}
