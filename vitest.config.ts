import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/{contract,agents,server,client,conformance,cli}/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/*.test.ts',
      'examples/*/src/**/*.test.ts',
    ],
    testTimeout: 20_000,
    // Much of what is tried is waiting for processes: all processors can be busy with it, and not one less.
    maxWorkers: '100%',
    // Cross-package imports and worker threads run the built files, so they are never older than the sources.
    globalSetup: './scripts/vitest-build.ts',
  },
});
