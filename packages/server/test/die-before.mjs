import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Ends this process with SIGKILL before the `at`th change of a file that it makes from now on through `node:fs/promises`,
 * counted from 0.
 *
 * @param {number} at
 */
export function dieBefore(at) {
  let left = at;
  for (const name of /** @type {const} */ (['chmod', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink'])) {
    const real = files[name];
    Object.assign(files, {
      /** @param {Parameters<typeof real>} args */
      [name](...args) {
        if (left === 0) process.kill(process.pid, 'SIGKILL');
        left -= 1;
        return Reflect.apply(real, files, args);
      },
    });
  }
  syncBuiltinESMExports();
}
