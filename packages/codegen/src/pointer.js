/**
 * @file References from one part of a document to another.
 */

/**
 * What a reference points at; a part that is no reference is the answer itself.
 *
 * @param {any} document
 * @param {any} part
 * @param {string} [place] Where the reference stands, for people.
 * @throws where it points at nothing, or round in a circle.
 */
export function resolvePointer(document, part, place) {
  const at = place === undefined ? '' : `${place}: `;
  const seen = new Set();
  let found = part;
  while (typeof found?.$ref === 'string') {
    if (seen.has(found.$ref)) throw new Error(`${at}${nameOf(found.$ref)} refers to itself.`);
    seen.add(found.$ref);
    const reference = found.$ref;
    found = keysOf(reference).reduce((value, key) => memberOf(value, key), document);
    if (found === undefined) throw new Error(`${at}${reference} points at nothing.`);
  }
  return found;
}

/** The keys that a reference inside a document names. @param {string} reference */
export function keysOf(reference) {
  return reference
    .split('/')
    .slice(1)
    .map((key) => decode(key).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A named schema by its name, another part by the reference. */
function nameOf(reference) {
  return reference.replace(/^#\/components\/schemas\//, '');
}

function memberOf(value, key) {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** References are URIs; a `%` that begins no escape is taken as it stands. */
function decode(key) {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
