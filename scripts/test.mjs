import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository, setup } from './setup.mjs';

/**
 * `npm test`: all tests but the long ones (`*.long.test.ts`), or those that the arguments name: `npm test -- packages/server`.
 * `npm run test:all`: the long ones too.
 */
await setup({ build: false }); // vitest builds before it begins
const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: repository,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
