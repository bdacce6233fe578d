import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    // Each attack is only a few requests: only a hanging test reaches this limit.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    globalSetup: '../../scripts/vitest-build.ts',
  },
});
