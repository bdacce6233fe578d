import type { Source } from './documents/locate.js';
import type { World } from './world/world.js';

/** What a server has to do to reach a level. */
export const LEVELS = ['core', 'agent', 'full'] as const;

/**
 * How much of the contract is tried. `core` needs an agent that starts and nothing more of it; `agent` the scripted
 * scenarios of the demo agent; `full` also a second account and a server that can be killed and started again.
 */
export type Level = (typeof LEVELS)[number];

/** The parts of the kit. */
export type SuiteName = 'rest' | 'events';

/** What the caller has to give before a rule can be tried. */
export type Need = 'token2' | 'restart';

/** One thing that the contract says. */
export interface RuleFacts {
  /** Such as `rest/invalid-body`: the suite, and the rule in it. Stable, for people and for lists of exceptions. */
  readonly id: `${SuiteName | 'client'}/${string}`;
  /** What it is tried on where one rule holds for many, such as an operationId; unique within the rule. */
  readonly subject?: string;
  /** The lowest level that it belongs to. */
  readonly level: Level;
  /** What holds, as a sentence. */
  readonly title: string;
  /** Where the contract says so. */
  readonly source: Source;
  /** Which of PROTOCOL.md's promises it tries, by number. */
  readonly promise?: number;
}

/** One thing that the contract says, and how to see whether a server keeps it. */
export interface Rule extends RuleFacts {
  readonly id: `${SuiteName}/${string}`;
  /** What it cannot be tried without. */
  readonly needs?: readonly Need[];
  /**
   * When it runs. `together`: at any time, with others. `restart`: beside others that call `world.restart()`, which happens
   * once when each of them has called it. `alone`: with no other beside it, after those. `last`: when every other has ended,
   * to judge what the wire carried meanwhile.
   *
   * @default 'together'
   */
  readonly when?: 'together' | 'restart' | 'alone' | 'last';
  /**
   * Tries it; returns if the server keeps the rule.
   *
   * @throws BrokenRule if it does not (`AggregateError` of them for several places at once), NotExercised if it could not
   * be tried. Anything else that is thrown counts as broken too, and as a defect of the kit.
   */
  run(world: World): Promise<void>;
}

/** How a rule is called in reports: its id, and its subject in brackets. */
export function nameOf({ id, subject }: RuleFacts): string {
  return subject === undefined ? id : `${id} (${subject})`;
}

/** Whether a level takes in another. */
export function includesLevel(level: Level, other: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(other);
}
