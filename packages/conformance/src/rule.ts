import type { Source } from './documents/locate.js';
import type { World } from './world/world.js';

/** What a server has to do to reach a level. */
export const LEVELS = ['core', 'agent', 'full'] as const;

/**
 * How much of the contract is tested. `core` needs any agent that starts. `agent` needs the scripted scenarios of the
 * demo agent. `full` also needs a second account and a server that can be killed and started again.
 */
export type Level = (typeof LEVELS)[number];

/** The parts of the kit. */
export type SuiteName = 'rest' | 'events';

/** What the caller has to provide before a rule can be tried. */
export type Need = 'token2' | 'restart';

/** One requirement of the contract. */
export interface RuleFacts {
  /**
   * The suite and the rule in it, for example `rest/invalid-body`. Stable: people and lists of exceptions refer to it.
   */
  readonly id: `${SuiteName | 'client'}/${string}`;
  /**
   * What the rule is tried on, if it is tried on several things, for example an operationId. Unique within the rule.
   */
  readonly subject?: string;
  /** The lowest level that it belongs to. */
  readonly level: Level;
  /** The requirement, as a sentence. */
  readonly title: string;
  /** Where the contract says so. */
  readonly source: Source;
  /** The number of the promise in PROTOCOL.md that it tests. */
  readonly promise?: number;
}

/** One requirement of the contract, and a test that shows whether a server meets it. */
export interface Rule extends RuleFacts {
  readonly id: `${SuiteName}/${string}`;
  /** What the rule needs. */
  readonly needs?: readonly Need[];
  /**
   * When the rule runs. `parallel`: at the same time as others. `restart`: at the same time as the other rules that
   * call `world.restart()`; the server restarts once, when all of them have called it. `serial`: after those, with no
   * other rule at the same time. `last`: after all others, to judge what they sent and received.
   *
   * @default 'parallel'
   */
  readonly when?: 'parallel' | 'restart' | 'serial' | 'last';
  /**
   * Tests the rule. Resolves if the server meets it.
   *
   * @throws BrokenRule if it does not (an `AggregateError` of them for several mistakes), NotExercised if the rule
   * could not be tried. Any other error counts as broken too, and is a defect of the kit.
   */
  run(world: World): Promise<void>;
}

/** The name of a rule in reports: its id, and its subject in brackets. */
export function nameOf({ id, subject }: RuleFacts): string {
  return subject === undefined ? id : `${id} (${subject})`;
}

/** Whether a level includes another. */
export function includesLevel(level: Level, other: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(other);
}
