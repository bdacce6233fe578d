/** Random numbers. The same seed gives the same numbers. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** One of some values. Throws if there are none. */
  pick<T>(values: readonly T[]): T;
  /** True with this probability, in percent. */
  chance(percent: number): boolean;
}

/**
 * Creates random numbers for a seed and a name. Each rule has its own name, so parallel rules do not affect each other.
 */
export function createRandom(seed: number, name: string): Random {
  let state = seed >>> 0;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0;
  // mulberry32: small, and random enough for choosing inputs.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    integer,
    pick: (values) => {
      const value = values[integer(0, values.length - 1)];
      if (values.length === 0) throw new Error('nothing to pick from');
      return value as (typeof values)[number];
    },
    chance: (percent) => next() * 100 < percent,
  };
}
