import { afterAll, beforeAll, describe, test } from 'vitest';
import { CannotVerify, openWorld } from './open-world.js';
import { type Need, nameOf } from './rule.js';
import type { Failure } from './run/outcome.js';
import { runRule } from './run/run-rule.js';
import { type Selection, selectRules, type VerifyOptions } from './verify.js';
import type { World } from './world/world.js';

/** A running server, and how to reach it. */
export type ServerUnderTest = Pick<VerifyOptions, 'url' | 'token' | 'token2' | 'agent' | 'cwd' | 'restart'>;

/** Which rules to try, and on which server. */
export interface ContractOptions extends Selection, Pick<VerifyOptions, 'seed' | 'strict' | 'patience'> {
  /** The name of the group of tests. @default 'the Parley contract' */
  readonly name?: string | undefined;
  /** Starts the server or finds a running one. Called once, before the first rule. */
  readonly server: () => Promise<ServerUnderTest> | ServerUnderTest;
}

/** Milliseconds that a rule may take. Rules that wait for an agent wait up to 15 s for each event. */
const TIMEOUT = 60_000;

/**
 * Defines a group of vitest tests, one for each rule. They run one after another; the last ones judge every answer that
 * the others got. A rule that cannot be exercised fails with a message that says what is missing: ask for a lower
 * level, or leave its suite out.
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
    }, TIMEOUT);
    afterAll(() => world?.close(), TIMEOUT);
    for (const rule of selectRules({ ...options, level })) {
      test(
        `${nameOf(rule)}: ${rule.title}`,
        async () => {
          const { status, failures, reason } = await runRule(rule, world, missing);
          if (status === 'failed') throw new Error(failures.map(describeFailure).join('\n\n'));
          if (status === 'not_exercised') throw new CannotVerify(`not exercised: ${reason}`);
        },
        TIMEOUT,
      );
    }
  });
}

function describeFailure({ line, expected, got, sent, received, repeat }: Failure): string {
  const parts = { sent, received, repeat };
  const shown = Object.entries(parts).flatMap(([name, text]) => (text === undefined ? [] : [`${name}:\n${text}`]));
  return [`expected ${expected}, got ${got} (${line})`, ...shown].join('\n');
}
