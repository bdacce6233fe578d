/**
 * @file The types of everything that a channel carries.
 */
import { docstring, pascalCase } from '../names.js';
import { emitSchemaTypes } from '../schemas/types.js';

/** The name of a schema's type: its own, where code can have it. @param {string} name */
export function typeName(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : pascalCase(name);
}

/** @param {import('./model.js').Model} model */
export async function emitMessageTypes({ used }) {
  const aliases = Object.entries(used).map(([name, { description }]) => {
    return `${docstring(description)}export type ${typeName(name)} = components['schemas'][${JSON.stringify(name)}];\n`;
  });
  return `${await emitSchemaTypes(used)}\n${aliases.join('\n')}`;
}
