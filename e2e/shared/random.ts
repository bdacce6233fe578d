/** Random choices. The same seed repeats them. */
export interface Random {
  readonly seed: number;
  /** From 0 up to, and without, 1. */
  next(): number;
  /** A whole number, both ends included. */
  integer(least: number, most: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  chance(probability: number): boolean;
  /** Independent choices for one part, so that they do not depend on when other parts choose. */
  fork(part: number): Random;
}

/** Creates the choices of a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random: Random = {
    seed,
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    integer: (least, most) => least + Math.floor(random.next() * (most - least + 1)),
    pick: ([first, ...others]) => others[random.integer(-1, others.length - 1)] ?? first,
    chance: (probability) => random.next() < probability,
    fork: (part) => createRandom(Math.imul(seed ^ 0x9e3779b9, 2 * part + 3) ^ part),
  };
  return random;
}
