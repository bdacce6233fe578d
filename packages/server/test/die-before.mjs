import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const file = await files.open(process.execPath);
/** Of the handles of open files. */
const handles = Object.getPrototypeOf(file);
await file.close();

/**
 * Ends this process with SIGKILL before the `at`th change of a file that it makes from now on through `node:fs/promises`,
 * counted from 0.
 *
 * @param {number} at
 */
export function dieBefore(at) {
  let left = at;
  const count = () => {
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
  };
  const { chmod } = handles;
  handles.chmod = function (/** @type {number} */ mode) {
    count();
    return Reflect.apply(chmod, this, [mode]);
  };
  for (const name of /** @type {const} */ (['chmod', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink'])) {
    const real = files[name];
    Object.assign(files, {
      /** @param {Parameters<typeof real>} args */
      [name](...args) {
        count();
        return Reflect.apply(real, files, args);
      },
    });
  }
  syncBuiltinESMExports();
}
