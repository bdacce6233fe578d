import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    // An agent that hangs must fail its own test, with what it said, before CI gives up on the whole suite.
    testTimeout: 240_000,
    hookTimeout: 30_000,
    // The tests wait for processes most of the time.
    maxConcurrency: 3,
    globalSetup: '../../scripts/vitest-build.ts',
  },
});
