/**
 * @file What the AsyncAPI parser must not see: references out of the document, for which it would ask the network, to
 * nothing or round in a circle, and names on which it fails without a place.
 */
import { resolvePointer } from '../pointer.js';

/** Keys on which the parser fails, wherever they stand. */
const FATAL = ['__proto__', 'hasOwnProperty'];
/** Where data stands, which may look like a reference and is none. */
const DATA = new Set(['example', 'examples', 'default', 'const', 'enum']);
/** What holds parts by names of the author's choice: there, `default` is a name like any other. */
const NAMED = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', 'definitions', '$defs', 'schemas', 'messages'],
  ...['channels', 'operations', 'parameters', 'servers', 'messageTraits', 'operationTraits'],
]);

/**
 * @param {any} document
 * @throws where a reference cannot be followed, or a name not be read, with its place.
 */
export function refuseUnreadable(document) {
  refuseFatalNames(document, []);
  visit(document, [], (reference, path) => {
    const place = path.join('/');
    if (!reference.startsWith('#')) {
      throw new Error(`${place} refers to ${reference}, out of the document; bundle the document first.`);
    }
    resolvePointer(document, { $ref: reference }, place);
  });
}

function visit(part, path, found) {
  if (Array.isArray(part)) {
    for (const [index, item] of part.entries()) visit(item, [...path, `${index}`], found);
  } else if (typeof part === 'object' && part !== null) {
    if (typeof part.$ref === 'string') found(part.$ref, path);
    for (const [key, value] of Object.entries(part)) {
      const isData = DATA.has(key) && !(NAMED.has(path.at(-1)) && !NAMED.has(path.at(-2)));
      if (!isData && !key.startsWith('x-')) visit(value, [...path, key], found);
    }
  }
}

function refuseFatalNames(part, path) {
  if (typeof part !== 'object' || part === null) return;
  for (const name of FATAL) {
    if (Object.hasOwn(part, name)) throw new Error(`${path.join('/')}: expected another name than ${name}.`);
  }
  for (const [key, value] of Object.entries(part)) refuseFatalNames(value, [...path, key]);
}
