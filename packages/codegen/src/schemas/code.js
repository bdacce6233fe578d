/**
 * @file Small pieces of the code of checks.
 */

/** A call without the arguments that are left to their defaults at the end. @param {string} name @param {unknown[]} values */
export function call(name, values) {
  const last = values.findLastIndex((value) => value !== undefined);
  return `${name}(${values
    .slice(0, last + 1)
    .map(String)
    .join(', ')})`;
}

/**
 * A pattern as code.
 *
 * @param {string} pattern
 * @param {string} place For people.
 * @throws where it is no regular expression.
 */
export function regexp(pattern, place) {
  try {
    return String(new RegExp(pattern, 'u'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`The pattern of ${place} is none: ${error.message}.`);
    throw error;
  }
}
