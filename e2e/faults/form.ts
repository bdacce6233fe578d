/** The seed of this run; vitest.config.ts chooses it and prints it. */
export const seed = Number(process.env.FAULTS_SEED);

/** The number for the form that runs: the short one is part of CI, the long one is `npm run test:faults`. */
export function inForm(short: number, long: number): number {
  return process.env.FAULTS_FORM === 'long' ? long : short;
}
