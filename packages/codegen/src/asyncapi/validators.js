/**
 * @file The validators of one mode: compiled checks, and a typed validator for each named schema and union of frames.
 */
import { quote } from '../names.js';
import { checkName, compileSchemas } from '../schemas/compile.js';
import { typeName } from '../schemas/types.js';
import { refTo } from '../schemas/walk.js';

// Not all are used by every document; a bundler drops the others.
const RUNTIME = [
  ...['all', 'anything', 'bounded', 'choice', 'closed', 'contains', 'integer', 'isBoolean', 'isNull', 'keys', 'kinds'],
  ...['list', 'matches', 'may', 'need', 'not', 'nothing', 'number', 'object', 'one', 'own', 'rest', 'size', 'some'],
  ...['tagged', 'text', 'unique', 'validator', 'when'],
];

/**
 * @param {object} input
 * @param {import('./model.js').Model} input.model
 * @param {'strict' | 'tolerant'} input.mode
 * @param {{schemas: Record<string, any>, roots: Record<string, any>}} input.companion Compiled too; their checks are exported.
 */
export function emitValidators({ model, mode, companion }) {
  const unions = model.channels
    .flatMap(({ server, client }) => [server, client])
    .filter(({ messages }) => messages.length > 0);
  const frames = Object.fromEntries(unions.map((direction) => [direction.type, unionOf(direction)]));
  const named = Object.fromEntries(Object.keys(model.used).map((name) => [name, refTo(name)]));
  const schemas = { ...companion.schemas, ...model.schemas };
  const code = compileSchemas({ roots: { ...named, ...frames, ...companion.roots }, schemas, mode });
  const types = Object.keys(model.used).map((name) => ({ name, type: typeName(name) }));
  const text = `${types
    .map(({ name, type }) => wrap(mode, type, checkName(name)))
    .concat(Object.keys(frames).map((type) => wrap(mode, type, checkName(type))))
    .join('\n')}\n`;
  return `${importLine(RUNTIME, ['Problem', 'Validator'], './checks.js')}${importLine([], Object.keys(frames), './frames.js')}${importLine(
    [],
    types.map(({ type }) => type),
    './types.js',
  )}
${code}
${text}`;
}

function unionOf({ messages, property }) {
  const variants = [...new Set(messages.map(({ schema }) => schema))].map(refTo);
  return property === undefined ? { anyOf: variants } : { oneOf: variants };
}

function wrap(mode, type, check) {
  return `export const ${mode}${type[0].toUpperCase()}${type.slice(1)}: Validator<${type}> = /* @__PURE__ */ validator(${check});`;
}

function importLine(values, types, from) {
  const names = [...values, ...types.map((name) => `type ${name}`)];
  return names.length === 0
    ? ''
    : `import {\n${names.map((name) => `  ${name},`).join('\n')}\n} from ${quote(from)};\n`;
}
