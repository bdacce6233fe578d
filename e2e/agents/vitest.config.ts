import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // An agent that hangs must fail its own test, with what it said, before CI gives up on the whole suite.
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // Agents of 200 to 400 MB: one after the other.
    fileParallelism: false,
  },
});
