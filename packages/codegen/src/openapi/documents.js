/**
 * @file The documents themselves, as modules: a published server has them without reading files.
 */
import { banner } from '../banner.js';

/**
 * The text of each YAML document as it was written.
 *
 * @param {Record<string, {source: string, text: string}>} documents By the name of the constant.
 */
export function emitTexts(documents) {
  const sources = Object.values(documents).map(({ source }) => source);
  const constants = Object.entries(documents).map(
    ([name, { source, text }]) =>
      `/** \`${source}\`, as it was written. */\nexport const ${name} = ${template(text)};\n`,
  );
  return `${banner(sources.join(' and '))}\n${constants.join('\n')}`;
}

/** The OpenAPI document as an object, for express-openapi-validator. @param {any} document */
export function emitObject(document) {
  return `${banner('openapi.yaml')}
/** \`openapi.yaml\` as an object. A validator may write into what it is given: parse a copy for each. */
export const openapiJson: string = ${template(JSON.stringify(document))};
`;
}

function template(text) {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}
