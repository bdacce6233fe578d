import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';

// One seed for the whole run: of the sample, and of the kit's random inputs.
const seed = process.env.CONFORMANCE_SEED ?? String(randomInt(2 ** 31));

export default defineConfig(({ mode }) => {
  const form = mode === 'long' ? mode : 'short';
  console.log(`CONFORMANCE_SEED=${seed} repeats the choices of this run (${form} form).`);
  return {
    test: {
      include: ['**/*.test.ts'],
      env: { CONFORMANCE_SEED: seed, CONFORMANCE_FORM: form },
      testTimeout: mode === 'long' ? 3_600_000 : 240_000,
      hookTimeout: 60_000,
      fileParallelism: false,
      globalSetup: '../../scripts/vitest-build.ts',
    },
  };
});
