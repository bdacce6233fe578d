import type { Change } from '../proxy/change.js';

/** The kind of fault. */
export type Operator =
  | 'rename'
  | 'drop'
  | 'retype'
  | 'off by one'
  | 'duplicate'
  | 'reorder'
  | 'skip a check'
  | 'leak'
  | 'wrong status'
  | 'wrong code'
  | 'wrong value';

/** The places where a change applied. A mutant whose change never applied has not been tested. */
export interface Hits {
  count: number;
}

/** A server with one fault. */
export interface Mutant {
  readonly operator: Operator;
  /**
   * The place of the fault: an operation and a field, a frame, a code, or the topic of a promise. Unique with the
   * operator.
   */
  readonly place: string;
  /** The number of the promise in PROTOCOL.md. */
  readonly promise: number;
  /**
   * The rule that has to fail, by the name from `nameOf`. Without a subject in brackets, any subject of the rule may
   * fail.
   */
  readonly killedBy: string;
  /** Other rules that have to run to make the faulty traffic occur. */
  readonly provokedBy?: readonly string[];
  /** Whether it needs a separate server: one that is killed and restarted, or whose sessions are counted. */
  readonly alone?: boolean;
  /** Creates the change. It records in `hits` where it applied. */
  readonly create: (hits: Hits) => Change;
  /** Why no rule can see the fault, if none can. */
  readonly equivalent?: string;
}

/** The title of a mutant. */
export function titleOf({ operator, place, killedBy }: Mutant): string {
  return `${operator}: ${place} — ${killedBy}`;
}

/** A mutant that shares its server with others. */
export function mutant(
  promise: number,
  operator: Operator,
  place: string,
  killedBy: string,
  create: (hits: Hits) => Change,
): Mutant {
  return { promise, operator, place, killedBy, create };
}

/** A mutant that needs a separate server. */
export function alone(...args: Parameters<typeof mutant>): Mutant {
  return { ...mutant(...args), alone: true };
}
