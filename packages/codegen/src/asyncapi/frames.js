/**
 * @file The unions of frames of each channel and direction, and the known values of every named union.
 */
import { camelCase, docstring, pascalCase, propertyKey, quote, refuseSameNames, typeName } from '../names.js';
import { readUnions } from './model.js';

/** @param {{channels: import('./model.js').Channel[], used: Record<string, any>}} model */
export function emitFrames({ channels, used }) {
  const directions = channels.flatMap(({ id, server, client }) => [
    { ...server, text: `What the server sends on the channel \`${id}\`.` },
    { ...client, text: `What a client sends on the channel \`${id}\`.` },
  ]);
  const isEmpty = directions.every(({ messages }) => messages.length === 0);
  const unions = readUnions(used);
  refuseSameNames(unions.map((union) => [`The values of ${union.property} in ${union.name}`, nameKnown(union)]));
  return `${isEmpty ? '' : "import type * as Types from './types.js';\n"}
${directions.map(emitUnion).join('\n')}
${unions.map(emitKnown).join('\n')}`;
}

function emitUnion({ type, messages, property, text }) {
  const variants = [...new Set(messages.map((message) => variantType(message, property)))];
  return `${docstring(text)}export type ${type} = ${variants.join(' | ') || 'never'};\n`;
}

/** A payload without `type: object` may be no object; a frame that a property tells apart is one. */
function variantType({ type, isObject }, property) {
  return property === undefined || isObject
    ? `Types.${type}`
    : `Extract<Types.${type}, { ${propertyKey(property)}: unknown }>`;
}

/** `eventTypes` for the property `type` of `Event`. */
function nameKnown({ name, property }) {
  const word = /[A-Za-z0-9]/.test(property) ? pascalCase(property) : 'Tag';
  return `${camelCase(typeName(name))}${word}s`;
}

function emitKnown(union) {
  const { name, property, extensible, variants } = union;
  const text = `The values of \`${property}\` in ${name} that this release knows${extensible ? '; a reader meets others' : ''}.`;
  const values = variants.flatMap(({ tags }) => tags).map((tag) => `  ${quote(tag)},`);
  return `${docstring(text)}export const ${nameKnown(union)} = [\n${values.join('\n')}\n] as const;\n`;
}
