import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.test.ts'],
    testTimeout: 60_000,
    // Without a recording of other suites it makes one, of the command's own tests and the example.
    hookTimeout: 600_000,
    globalSetup: '../../scripts/vitest-build.ts',
  },
});
