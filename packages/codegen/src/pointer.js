/**
 * @file References from one part of a document to another.
 */

/**
 * What a reference points at; a part that is no reference is the answer itself.
 *
 * @param {any} document
 * @param {any} part
 */
export function resolvePointer(document, part) {
  if (typeof part?.$ref !== 'string') return part;
  const keys = part.$ref.split('/').slice(1);
  const found = keys.reduce((value, key) => value?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  if (found === undefined) throw new Error(`${part.$ref} points at nothing.`);
  return resolvePointer(document, found);
}
