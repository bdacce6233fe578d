import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test: {
    // Prism is large: only the long form installs and uses it.
    include: mode === 'long' ? ['**/*.test.ts'] : ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    globalSetup: '../../scripts/vitest-build.ts',
  },
}));
