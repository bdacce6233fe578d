/**
 * @file All modules of one AsyncAPI document.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { banner } from '../banner.js';
import { quote, typeName } from '../names.js';
import { emitSchemaTypes } from '../schemas/types.js';
import { readValidateModules } from '../validate-modules.js';
import { emitCodec } from './codec.js';
import { emitFrames } from './frames.js';
import { emitHandlerInterfaces } from './handlers.js';
import { emitHandshake } from './handshake.js';
import { readModel } from './model.js';
import { emitTables, joinTables } from './tables.js';
import { refuseUnreadable } from './unreadable.js';
import { emitValidators } from './validators.js';

/**
 * @param {object} input
 * @param {string} input.text The document as written, with every reference inside it.
 * @param {{source?: string, companion?: string, validate?: string}} input.params See the template's package.json.
 * @param {string} input.validateFolder Where the run-time modules of validators are.
 * @returns {Promise<{name: string, text: string}[]>}
 */
export async function emitModules({ text, params, validateFolder }) {
  const document = parse(text);
  const model = readModel(document);
  const validate = params.validate ?? '.';
  const companion = params.companion ? JSON.parse(readFileSync(params.companion, 'utf8')) : {};
  const validators = (mode) =>
    emitValidators({ model, mode, validate, companion: { schemas: {}, roots: {}, ...companion[mode] } });
  const modules = {
    ...(params.validate === undefined ? readValidateModules(validateFolder) : {}),
    'types.ts': await emitFrameTypes(model, companion),
    'frames.ts': emitFrames(model),
    'handlers.ts': emitHandlerInterfaces(model),
    'strict.ts': validators('strict'),
    'tolerant.ts': validators('tolerant'),
    'codec.ts': emitCodec(model, validate),
    'handshake.ts': emitHandshake(model, validate),
  };
  const head = banner(params.source ?? 'asyncapi.yaml');
  return [
    ...Object.entries(modules).map(([name, body]) => ({ name, text: `${head}\n${asModule(body)}` })),
    { name: 'tables.md', text: joinTables(emitTables(model, document)) },
  ];
}

/**
 * Everything that can be refused in a document, without its modules.
 *
 * @param {any} document As written, with every reference inside it.
 * @throws where something cannot be read or generated, with its place and what was expected.
 */
export function checkDocument(document) {
  if (!/^3\./.test(document?.asyncapi)) throw new Error(`Expected an AsyncAPI 3 document, got ${document?.asyncapi}.`);
  refuseUnreadable(document);
  const model = readModel(document);
  emitFrames(model);
  emitHandshake(model, '.');
  emitValidators({ model, mode: 'strict', validate: '.', companion: { schemas: {}, roots: {} } });
}

/** A type that the companion's module declares already is taken from there. */
async function emitFrameTypes({ used }, { types, strict }) {
  const known = (name) => types !== undefined && JSON.stringify(strict.schemas[name]) === JSON.stringify(used[name]);
  const names = Object.keys(used);
  const own = await emitSchemaTypes(used, (name) => !known(name));
  const aliases = names
    .filter(known)
    .map((name) => `export type ${typeName(name)} = Companion.components['schemas'][${quote(name)}];\n`);
  const imports = aliases.length === 0 ? '' : `import type * as Companion from ${quote(types)};\n\n`;
  return `${imports}${own}${aliases.join('')}`;
}

/** A file that exports nothing is no module, and cannot be imported. */
function asModule(body) {
  return /^export /m.test(body) ? body : `${body}export {};\n`;
}
