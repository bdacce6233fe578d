import { execFileSync } from 'node:child_process';

/** Builds the packages before the tests: an import of another package, a worker or a subprocess runs from `dist/`. */
export function setup(): void {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { stdio: 'inherit' });
}
