import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The environment of a suite whose traffic is recorded.
 *
 * @param {string} folder The folder of the recording. Each suite gets a folder in it.
 * @param {string} suite
 * @returns {string} The value of NODE_OPTIONS, added to the current one.
 */
export function recordingOptions(folder, suite) {
  const hook = pathToFileURL(join(import.meta.dirname, 'record.mjs'));
  hook.searchParams.set('folder', join(folder, suite));
  return [process.env.NODE_OPTIONS, `--import=${hook.href}`].filter(Boolean).join(' ');
}
