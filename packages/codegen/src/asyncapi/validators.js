/**
 * @file The validators of one mode: compiled checks, and a typed validator for each named schema and union of frames.
 */
import { quote, typeName } from '../names.js';
import { checkName, checkSchema, compileSchemas } from '../schemas/compile.js';
import { refTo } from '../schemas/walk.js';

// Not all are used by every document; a bundler drops the others.
const RUNTIME = {
  problems: ['type Problem', 'type Validator', 'validator'],
  values: ['anything', 'bounded', 'choice', 'integer', 'isBoolean', 'isNull', 'matches', 'nothing', 'number', 'text'],
  objects: ['closed', 'fields', 'keys', 'may', 'need', 'object', 'own', 'rest', 'size'],
  lists: ['contains', 'list', 'unique'],
  unions: ['all', 'kinds', 'not', 'one', 'some', 'tagged', 'when'],
};

/** As namespaces, so that no name of a schema can be that of something else in the module. */
const TYPES = "import type * as Frames from './frames.js';\nimport type * as Types from './types.js';\n";

/** The lines that compiled checks begin with. @param {string} folder Of the runtime's modules. */
export function runtimeImports(folder) {
  return Object.entries(RUNTIME)
    .map(([file, names]) => `import { ${names.join(', ')} } from ${quote(`${folder}/${file}.js`)};\n`)
    .join('');
}

/**
 * @param {object} input
 * @param {import('./model.js').Model} input.model
 * @param {'strict' | 'tolerant'} input.mode
 * @param {string} input.validate The folder of the run-time modules, as the generated one imports them.
 * @param {{schemas: Record<string, any>, roots: Record<string, any>}} input.companion Compiled too; their checks are exported.
 */
export function emitValidators({ model, mode, validate, companion }) {
  const unions = model.channels
    .flatMap(({ server, client }) => [server, client])
    .filter(({ messages }) => messages.length > 0);
  const frames = Object.fromEntries(unions.map((direction) => [direction.type, unionOf(direction)]));
  const named = Object.fromEntries(Object.keys(model.used).map((name) => [name, refTo(name)]));
  const schemas = { ...companion.schemas, ...model.schemas };
  const code = compileSchemas({
    roots: { ...named, ...frames, ...companion.roots },
    schemas,
    mode,
    places: model.places,
  });
  for (const { place, schema } of model.unseen) checkSchema(schema, schemas, place);
  const validators = [
    ...Object.keys(model.used).map((name) => wrap(mode, 'Types', typeName(name), checkName(name))),
    ...Object.keys(frames).map((type) => wrap(mode, 'Frames', type, checkName(type))),
  ];
  return `${runtimeImports(validate)}${TYPES}
${code}
${validators.join('\n')}
`;
}

function unionOf({ messages, property }) {
  const variants = [...new Set(messages.map(({ schema }) => schema))].map(refTo);
  return property === undefined ? { anyOf: variants } : { oneOf: variants, 'x-frames': true };
}

function wrap(mode, from, type, check) {
  return `export const ${mode}${type[0].toUpperCase()}${type.slice(1)}: Validator<${from}.${type}> = /* @__PURE__ */ validator(${check});`;
}
