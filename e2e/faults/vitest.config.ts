import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';

// One seed for the whole run, so that what was printed repeats it; the machine's timing is not part of it.
const seed = process.env.FAULTS_SEED ?? String(randomInt(2 ** 31));

export default defineConfig(({ mode }) => {
  const form = mode === 'long' || mode === 'brief' ? mode : 'short';
  console.log(`FAULTS_SEED=${seed} repeats the choices of this run (${form} form).`);
  return {
    test: {
      include: ['*.test.ts'],
      env: { FAULTS_SEED: seed, FAULTS_FORM: form },
      // The tests count faults, not seconds: only a hanging test reaches this limit.
      testTimeout: mode === 'long' ? 2_400_000 : 240_000,
      hookTimeout: 30_000,
      fileParallelism: false,
      globalSetup: '../../scripts/vitest-build.ts',
    },
  };
});
