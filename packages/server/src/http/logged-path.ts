import { routes } from '../gen/routes.js';

const WORDS = new Set(
  Object.values(routes)
    .flatMap(({ path }) => path.split('/'))
    .filter((segment) => !segment.startsWith('{')),
);
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Further segments are left out. */
const MAX_SEGMENTS = 12;

/**
 * The path of a request target for the log, without the query. Segments of the contract and ids are kept. Anything else, for
 * example a token pasted into the path, becomes `*`.
 */
export function loggedPath(target: string): string {
  const segments = (target.split('?', 1)[0] ?? '').split('/');
  return segments
    .slice(0, MAX_SEGMENTS)
    .map((segment) => (WORDS.has(segment) || ID.test(segment) ? segment : '*'))
    .join('/');
}
