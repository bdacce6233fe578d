import { routes } from '../gen/routes.js';

const WORDS = new Set(
  Object.values(routes)
    .flatMap(({ path }) => path.split('/'))
    .filter((segment) => !segment.startsWith('{')),
);
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Past this many segments nothing more is told. */
const MOST = 12;

/**
 * The path of a request target as the log may have it: without the query, and of its segments only those that the
 * contract knows and ids. Whatever else a client writes there, a token say, is a `*`.
 */
export function loggedPath(target: string): string {
  const segments = (target.split('?', 1)[0] ?? '').split('/');
  return segments
    .slice(0, MOST)
    .map((segment) => (WORDS.has(segment) || ID.test(segment) ? segment : '*'))
    .join('/');
}
