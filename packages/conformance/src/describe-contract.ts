import { afterAll, beforeAll, describe, test } from 'vitest';
import { CannotVerify, openWorld } from './open-world.js';
import { type Need, nameOf } from './rule.js';
import type { Failure } from './run/outcome.js';
import { runRule } from './run/run-rule.js';
import { type Selection, selectRules, type VerifyOptions } from './verify.js';
import type { World } from './world/world.js';

/** A server that runs, and how to be let in. */
export type ServerUnderTest = Pick<VerifyOptions, 'url' | 'token' | 'token2' | 'agent' | 'cwd' | 'restart'>;

/** Which rules to try, and on what. */
export interface ContractOptions extends Selection, Pick<VerifyOptions, 'seed' | 'strict'> {
  /** What the group of tests is called. @default 'the Parley contract' */
  readonly name?: string | undefined;
  /** Starts the server, or finds it; called once, before the first rule. */
  readonly server: () => Promise<ServerUnderTest> | ServerUnderTest;
}

/** Milliseconds for a rule: those that wait for an agent wait 15 s for each event. */
const PATIENCE = 60_000;

/**
 * A vitest test for each rule, in a group of their own. They run one after another; the last ones judge every answer that
 * the others got. A rule that cannot be exercised fails with what is missing: ask for a lower level, or leave its suite out.
 */
export function describeContract(options: ContractOptions): void {
  const { name = 'the Parley contract', level = 'agent', seed = 1, server } = options;
  describe(name, () => {
    let world: World & { close(): Promise<void> };
    let missing: readonly Need[] = [];
    beforeAll(async () => {
      const found = await server();
      missing = (['token2', 'restart'] as const).filter((need) => found[need] === undefined);
      world = await openWorld({ ...options, ...found, level, seed });
    }, PATIENCE);
    afterAll(() => world?.close(), PATIENCE);
    for (const rule of selectRules({ ...options, level })) {
      test(
        `${nameOf(rule)}: ${rule.title}`,
        async () => {
          const { status, failures, reason } = await runRule(rule, world, missing);
          if (status === 'failed') throw new Error(failures.map(tell).join('\n\n'));
          if (status === 'not_exercised') throw new CannotVerify(`not exercised: ${reason}`);
        },
        PATIENCE,
      );
    }
  });
}

function tell({ line, expected, got, sent, received, repeat }: Failure): string {
  const parts = { sent, received, repeat };
  const shown = Object.entries(parts).flatMap(([name, text]) => (text === undefined ? [] : [`${name}:\n${text}`]));
  return [`expected ${expected}, got ${got} (${line})`, ...shown].join('\n');
}
