/** The seed of this run; vitest.config.ts chooses it and prints it. */
export const seed = Number(process.env.CONFORMANCE_SEED);

/** Whether everything is tried, not only a sample. */
export const isLong = process.env.CONFORMANCE_FORM === 'long';

/** Only mutants whose title has this (`CONFORMANCE_ONLY=…`); undefined for all. */
export const only = process.env.CONFORMANCE_ONLY || undefined;

/** A sample, chosen by the seed, in the given order. In the long form: all. */
export function sample<T>(all: readonly T[], count: number): readonly T[] {
  if (isLong || only !== undefined) return all;
  const ranked = all.map((one, index) => ({ one, index, rank: hash(`${seed} ${index}`) }));
  const chosen = ranked.sort((a, b) => a.rank - b.rank).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ one }) => one);
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  // FNV gives similar numbers to texts that differ only at the end.
  value = Math.imul(value ^ (value >>> 15), 2_246_822_507) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}
