import { openapi, resolve } from './documents.js';
import { elementsOf, find, textAt } from './json.js';

/** One of the variants of a union. */
export interface Variant {
  /** What its `type` says. */
  readonly type: string;
  /** The names of the fields that it cannot be without. */
  readonly required: readonly string[];
}

/** The variants of a schema of openapi.yaml, such as `Event`. */
export function variantsOf(schema: string): Variant[] {
  return elementsOf(find(openapi, 'components', 'schemas', schema, 'oneOf')).map((variant) => ({
    type: textAt(resolve(variant), 'properties', 'type', 'const'),
    required: elementsOf(find(resolve(variant), 'required')).map(String),
  }));
}
