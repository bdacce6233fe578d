import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';

// One seed for the whole run, so that what was printed repeats it; the machine's timing is not part of it.
const seed = process.env.FUZZ_SEED ?? String(randomInt(2 ** 31));
const only = process.env.FUZZ_CASE ?? '';

export default defineConfig(({ mode }) => {
  const form = mode === 'long' ? mode : 'short';
  console.log(`FUZZ_SEED=${seed} repeats the choices of this run (${form} form).`);
  return {
    test: {
      include: ['**/*.test.ts'],
      env: { FUZZ_SEED: seed, FUZZ_CASE: only, FUZZ_FORM: form },
      // The tests count cases, not seconds: only a hanging test reaches this limit.
      testTimeout: mode === 'long' ? 3_600_000 : 480_000,
      fileParallelism: false,
      globalSetup: '../../scripts/vitest-build.ts',
    },
  };
});
