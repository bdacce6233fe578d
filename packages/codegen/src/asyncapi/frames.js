/**
 * @file The unions of frames of each channel and direction, and the known values of every named union.
 */
import { camelCase, docstring, quote } from '../names.js';
import { readUnions } from './model.js';

/** @param {{channels: import('./model.js').Channel[], used: Record<string, any>}} model */
export function emitFrames({ channels, used }) {
  const directions = channels.flatMap(({ id, server, client }) => [
    { ...server, text: `What the server sends on the channel \`${id}\`.` },
    { ...client, text: `What a client sends on the channel \`${id}\`.` },
  ]);
  const types = [...new Set(directions.flatMap(({ messages }) => messages.map(({ type }) => type)))].sort();
  const imports = types.length === 0 ? '' : `import type { ${types.join(', ')} } from './types.js';\n`;
  const unions = readUnions(used);
  return `${imports}
${directions.map(emitUnion).join('\n')}
${unions.map(emitKnown).join('\n')}`;
}

function emitUnion({ type, messages, text }) {
  const variants = [...new Set(messages.map((message) => message.type))];
  return `${docstring(text)}export type ${type} = ${variants.join(' | ') || 'never'};\n`;
}

function emitKnown({ name, property, extensible, variants }) {
  const plural = `${camelCase(name)}${property[0].toUpperCase()}${property.slice(1)}s`;
  const text = `The values of \`${property}\` in ${name} that this release knows${extensible ? '; a reader meets others' : ''}.`;
  const values = variants.flatMap(({ tags }) => tags).map((tag) => `  ${quote(tag)},`);
  return `${docstring(text)}export const ${plural} = [\n${values.join('\n')}\n] as const;\n`;
}
