/** The seed of this run; vitest.config.ts chooses it and prints it. */
export const seed = Number(process.env.FUZZ_SEED);

/** The one case to repeat (`FUZZ_CASE=…`); undefined for all. */
export const onlyCase = process.env.FUZZ_CASE ? Number(process.env.FUZZ_CASE) : undefined;

/** How many cases a run has. */
export interface Amounts {
  /** In CI. */
  readonly short: number;
  /** `npm run test:fuzz`. */
  readonly long: number;
}

/** The number for the form that runs. */
export function inForm({ short, long }: Amounts): number {
  return process.env.FUZZ_FORM === 'long' ? long : short;
}
