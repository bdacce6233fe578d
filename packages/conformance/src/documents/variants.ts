import { openapi, resolve } from './documents.js';
import { elementsOf, find, textAt } from './json.js';

/** One of the variants of a union. */
export interface Variant {
  /** Its value of `type`. */
  readonly type: string;
  /** The names of its required fields. */
  readonly required: readonly string[];
}

/** The variants of a schema of openapi.yaml, for example `Event`. */
export function variantsOf(schema: string): Variant[] {
  return elementsOf(find(openapi, 'components', 'schemas', schema, 'oneOf')).map((variant) => ({
    type: textAt(resolve(variant), 'properties', 'type', 'const'),
    required: elementsOf(find(resolve(variant), 'required')).map(String),
  }));
}
