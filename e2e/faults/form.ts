/** The seed of this run; vitest.config.ts chooses it and prints it. */
export const seed = Number(process.env.FAULTS_SEED);

/** How much is tried. */
export interface Amounts {
  /** Enough to notice a removed guard (`npm run test:mutants`). */
  readonly brief: number;
  /** In CI. */
  readonly short: number;
  /** `npm run test:faults`. */
  readonly long: number;
}

/** The number for the form that runs. */
export function inForm({ brief, short, long }: Amounts): number {
  const form = process.env.FAULTS_FORM;
  return form === 'long' ? long : form === 'brief' ? brief : short;
}
