import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { COMPILED, useCompiled } from './scripts/use-compiled.js';

/**
 * `npm test` is the short form, `--mode all` and `--mode long` are the others: scripts/test-forms.ts says what each has.
 */
declare module 'vitest' {
  interface ProvidedContext {
    form: 'short' | 'all' | 'long';
  }
}

export default defineConfig(({ mode }) => ({
  plugins: [useCompiled],
  test: {
    include: [
      'packages/{contract,agents,server,client,conformance,cli}/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/*.test.ts',
      'examples/*/src/**/*.test.ts',
    ],
    provide: { form: formOf(mode) },
    exclude: [...configDefaults.exclude, ...(formOf(mode) === 'short' ? ['**/*.long.test.ts'] : [])],
    // One limit for all, far beyond what any test takes: it ends what hangs, also on a machine that is busy.
    testTimeout: formOf(mode) === 'short' ? 60_000 : 240_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    // Files that run one after the other in one process share what they import: half of the processor time.
    pool: 'forks',
    isolate: false,
    // Much of what is tried is waiting for processes: more workers than processors keep these busy.
    maxWorkers: availableParallelism() + 2,
    maxConcurrency: 10,
    server: { deps: { external: [COMPILED] } },
    globalSetup: './scripts/vitest-build.ts',
    // What demo agents keep of the sessions of tests belongs into no home.
    env: { PARLEY_DEMO_SESSIONS: join(tmpdir(), 'parley-demo-sessions') },
  },
}));

function formOf(mode: string): 'short' | 'all' | 'long' {
  return mode === 'all' || mode === 'long' ? mode : 'short';
}
