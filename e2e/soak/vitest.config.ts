import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';

// One seed for the whole run, so that what was printed repeats it; the machine's timing is not part of it.
const seed = process.env.SOAK_SEED ?? String(randomInt(2 ** 31));

export default defineConfig(({ mode }) => {
  const form = mode === 'long' ? mode : 'short';
  console.log(`SOAK_SEED=${seed} repeats the choices of this run (${form} form).`);
  return {
    test: {
      include: ['*.test.ts'],
      env: { SOAK_SEED: seed, SOAK_FORM: form },
      // A busy machine needs time to open and to drain everything; only a hanging test reaches this limit.
      testTimeout: form === 'long' ? 1_800_000 : 540_000,
      hookTimeout: 30_000,
      fileParallelism: false,
      globalSetup: '../../scripts/vitest-build.ts',
    },
  };
});
