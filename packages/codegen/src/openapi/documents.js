/**
 * @file The documents themselves, as modules: a published package has them without reading files.
 */
import { banner } from '../banner.js';

/** Members this deep have a line of their own: one field more changes the line of its schema alone. */
const LINES_OF_THEIR_OWN = 3;

/**
 * A document as it was written.
 *
 * @param {string} name Of the constant.
 * @param {string} source The document's file.
 * @param {string} text
 */
export function emitText(name, source, text) {
  return `${banner(source)}
/** \`${source}\`, as it was written. */
export const ${name} = ${template(text)};
`;
}

/**
 * A document as JSON. It is a text, which costs nothing until it is parsed.
 *
 * @param {string} name Of the constant.
 * @param {string} source The document's file.
 * @param {any} document
 */
export function emitData(name, source, document) {
  return `${banner(source)}
/** \`${source}\` as JSON. */
export const ${name}: string = ${template(inLines(document, LINES_OF_THEIR_OWN))};
`;
}

function inLines(value, depth) {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${inLines(member, depth - 1)}`);
  return `{\n${members.join(',\n')}\n}`;
}

function template(text) {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}
