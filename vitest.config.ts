import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * `npm test` is the short form: it leaves out what scripts/test-forms.ts says. `npm run test:all`, which is `--mode all`, has
 * everything.
 */
declare module 'vitest' {
  interface ProvidedContext {
    /** Whether every test is run, and every case is tried. */
    all: boolean;
  }
}

export default defineConfig(({ mode }) => ({
  test: {
    include: [
      'packages/{contract,agents,server,client,conformance,cli}/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/*.test.ts',
      'examples/*/src/**/*.test.ts',
    ],
    provide: { all: mode === 'all' },
    exclude: [...configDefaults.exclude, ...(mode === 'all' ? [] : ['**/*.long.test.ts'])],
    // One limit for all, far beyond what any test takes: it ends what hangs, also on a machine that is busy.
    testTimeout: mode === 'all' ? 240_000 : 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    // Files that run one after the other in one process share what they import: half of the processor time.
    pool: 'forks',
    isolate: false,
    // Much of what is tried is waiting for processes: more workers than processors keep these busy.
    maxWorkers: availableParallelism() + 1,
    maxConcurrency: 10,
    // Cross-package imports and worker threads run the built files, so they are never older than the sources.
    globalSetup: './scripts/vitest-build.ts',
  },
}));
