import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What a suite is to have in its environment so that what it puts on the wire is written down.
 *
 * @param {string} folder Of the recording; each suite gets a folder in it.
 * @param {string} suite
 * @returns {string} For NODE_OPTIONS, with what is there already.
 */
export function recordingOptions(folder, suite) {
  const hook = pathToFileURL(join(import.meta.dirname, 'record.mjs'));
  hook.searchParams.set('folder', join(folder, suite));
  return [process.env.NODE_OPTIONS, `--import=${hook.href}`].filter(Boolean).join(' ');
}
