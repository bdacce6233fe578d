import type { Event } from '@parleyhq/contract';

/** So many files are named in a notice, with so many characters each. */
const MAX_NAMED = 20;
const MAX_NAME = 256;

/** Tells of the files that a new copy is without; nothing if there are none. */
export function leftOutNotice(paths: readonly string[]): Event[] {
  if (paths.length === 0) return [];
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '';
  const named = paths.slice(0, MAX_NAMED).map((path) => path.slice(0, MAX_NAME));
  const message = `The copy is without what the server may not read: ${named.join(', ')}${more}.`;
  return [{ type: 'notice', level: 'warning', code: 'files_left_out', message }];
}
