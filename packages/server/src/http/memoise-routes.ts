import { createRequire } from 'node:module';

type PathToRegexp = (path: string, options?: { sensitive?: boolean; strict?: boolean }) => object;

/**
 * express-openapi-validator compiles the pattern of every route again for every request (five times the cost of bare
 * Express at 60 routes). Patterns come from the document alone, so each can be kept: this replaces the compiler that the
 * validator requires with one that remembers.
 */
export function memoiseRoutes(): void {
  const validator = createRequire(import.meta.url).resolve('express-openapi-validator');
  const compiler: { pathToRegexp: PathToRegexp } = createRequire(validator)('path-to-regexp');
  if (memoised.has(compiler.pathToRegexp)) return;
  const compile = compiler.pathToRegexp;
  const patterns = new Map<string, object>();
  const remember: PathToRegexp = (path, options) => {
    const key = `${options?.sensitive} ${options?.strict} ${path}`;
    const pattern = patterns.get(key) ?? compile(path, options);
    patterns.set(key, pattern);
    return pattern;
  };
  memoised.add(remember);
  compiler.pathToRegexp = remember;
}

const memoised = new WeakSet<PathToRegexp>();
