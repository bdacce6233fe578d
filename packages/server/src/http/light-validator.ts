import { error, middleware } from 'express-openapi-validator';
import schemaOfOpenApi from 'express-openapi-validator/dist/framework/openapi.schema.validator.js';
import compiler from 'path-to-regexp';

/**
 * express-openapi-validator without some work that it repeats for each request, or does in vain. Both parts are replaced in the
 * modules that it uses itself, before it uses them, with the same results.
 */
export { error, middleware };

type PathToRegexp = (path: string, options?: { sensitive?: boolean; strict?: boolean }) => object;

// It compiles the patterns of all routes for every request, five times the cost of plain Express at 60 routes. They come only
// from the document, so their number is limited.
const compile: PathToRegexp = compiler.pathToRegexp;
const patterns = new Map<string, object>();
const remember: PathToRegexp = (path, options) => {
  const key = `${options?.sensitive} ${options?.strict} ${path}`;
  const pattern = patterns.get(key) ?? compile(path, options);
  patterns.set(key, pattern);
  return pattern;
};
Object.assign(compiler, { pathToRegexp: remember });

// It compiles the schema of OpenAPI itself, a tenth of a second, even if it is told not to validate the document.
// `npm run check` validates the document.
class NoSchemaOfOpenApi {
  validate() {
    return { errors: [] };
  }
}
Object.assign(schemaOfOpenApi, { OpenAPISchemaValidator: NoSchemaOfOpenApi });
