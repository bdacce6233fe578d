import { type Route, routes } from '../gen/routes.js';

/** An operation and the parameters of its path. */
export interface FoundRoute {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

/** The operations of a path, by method in lower case. */
export type FoundPath = ReadonlyMap<string, FoundRoute>;

const patterns = Object.values(routes).map((route) => ({ route, segments: route.path.split('/') }));

/**
 * Finds the operations of a path; empty for an unknown path. It runs before the validator, which does not check credentials
 * and reads the body first.
 *
 * @param path The path of the request target as it was sent, without the query.
 */
export function findPath(path: string): FoundPath {
  const segments = path.split('/');
  const found = new Map<string, FoundRoute>();
  for (const { route, segments: expected } of patterns) {
    const values = match(expected, segments);
    if (values) found.set(route.method, { route, path: values });
  }
  return found;
}

function match(expected: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (expected.length !== segments.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
    } else if (segment === '') {
      return undefined;
    } else {
      values[part.slice(1, -1)] = decode(segment);
    }
  }
  return values;
}

// A segment that cannot be decoded is returned as it is. It matches no id.
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
