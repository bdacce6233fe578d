import type { Change } from '../proxy/change.js';

/** What is done wrong. */
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

/** The places where a change applied; a mutant that never did says nothing. */
export interface Hits {
  count: number;
}

/** A server that is wrong in one way. */
export interface Mutant {
  readonly operator: Operator;
  /** Where: an operation and a field, a frame, a code, or what a promise is about. Unique with the operator. */
  readonly place: string;
  /** Of PROTOCOL.md. */
  readonly promise: number;
  /** The rule that has to see it, as `nameOf` has it: with its subject in brackets, or without for any of its subjects. */
  readonly killedBy: string;
  /** Other rules that have to run so that the wire carries what is wrong. */
  readonly provokedBy?: readonly string[];
  /** It needs a server of its own: one that is killed and started again, or whose sessions are counted. */
  readonly alone?: boolean;
  /** A new change; it counts where it applied. */
  readonly create: (hits: Hits) => Change;
  /** Why no rule can see it, where none can. */
  readonly equivalent?: string;
}

/** How a mutant is called. */
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

/** A mutant that needs a server of its own. */
export function alone(...args: Parameters<typeof mutant>): Mutant {
  return { ...mutant(...args), alone: true };
}
