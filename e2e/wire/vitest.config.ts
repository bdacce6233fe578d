import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    // A recording of all suites has some hundred thousand frames.
    testTimeout: 240_000,
    // Without a recording of other suites it records one, of the tests of the command and the example.
    hookTimeout: 600_000,
    globalSetup: '../../scripts/vitest-build.ts',
  },
});
