import { createRequire } from 'node:module';

// express-openapi-validator repeats some of its work for each request, and does some that is not needed. Both functions replace
// a part of it before it is used, with the same results. They can be called more than once.

type PathToRegexp = (path: string, options?: { sensitive?: boolean; strict?: boolean }) => object;

/**
 * Caches the pattern of every route: express-openapi-validator compiles all of them for every request (five times the cost of
 * plain Express at 60 routes). The number of patterns is limited, since they come only from the document.
 */
export function keepPatterns(): void {
  const compiler: { pathToRegexp: PathToRegexp } = requireOfValidator('path-to-regexp');
  if (replaced.has(compiler.pathToRegexp)) return;
  const compile = compiler.pathToRegexp;
  const patterns = new Map<string, object>();
  const remember: PathToRegexp = (path, options) => {
    const key = `${options?.sensitive} ${options?.strict} ${path}`;
    const pattern = patterns.get(key) ?? compile(path, options);
    patterns.set(key, pattern);
    return pattern;
  };
  replaced.add(remember);
  compiler.pathToRegexp = remember;
}

/**
 * Skips the schema of OpenAPI itself: express-openapi-validator compiles it, which takes a tenth of a second, even if it is
 * told not to validate the document. `npm run check` validates the document.
 */
export function skipMetaSchema(): void {
  requireOfValidator('./dist/framework/openapi.schema.validator.js').OpenAPISchemaValidator = class {
    validate() {
      return { errors: [] };
    }
  };
}

const replaced = new WeakSet<PathToRegexp>();

/** Loads the same instance of a module that express-openapi-validator loads. */
function requireOfValidator(name: string) {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve('express-openapi-validator/package.json'))(name);
}
