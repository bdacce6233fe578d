import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    // An agent that hangs must fail its own test, with what it said, before CI gives up on the whole suite.
    testTimeout: 45_000,
    hookTimeout: 30_000,
    globalSetup: '../../scripts/vitest-build.ts',
  },
});
