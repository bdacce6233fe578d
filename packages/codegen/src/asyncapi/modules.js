/**
 * @file All modules of one AsyncAPI document.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { banner } from '../banner.js';
import { emitSchemaTypes } from '../schemas/types.js';
import { emitCodec } from './codec.js';
import { emitFrames } from './frames.js';
import { emitHandlerInterfaces } from './handlers.js';
import { emitHandshake } from './handshake.js';
import { readModel } from './model.js';
import { emitTables, joinTables } from './tables.js';
import { emitValidators } from './validators.js';

/** The modules that are the same for every document. */
const RUNTIME = ['problems.ts', 'values.ts', 'objects.ts', 'lists.ts', 'unions.ts', 'text.ts', 'request.ts'];

/**
 * @param {object} input
 * @param {any} input.asyncapi The document as the AsyncAPI parser gives it.
 * @param {string} input.text The document as written, with every reference inside it.
 * @param {{source?: string, companion?: string}} input.params See the template's package.json.
 * @param {string} input.runtime The folder of the modules that are the same for every document.
 * @returns {Promise<{name: string, text: string}[]>}
 */
export async function emitModules({ asyncapi, text, params, runtime }) {
  const document = parse(text);
  const model = readModel(asyncapi, document);
  const companion = params.companion ? JSON.parse(readFileSync(params.companion, 'utf8')) : {};
  const validators = (mode) =>
    emitValidators({ model, mode, companion: { schemas: {}, roots: {}, ...companion[mode] } });
  const modules = {
    ...Object.fromEntries(RUNTIME.map((name) => [name, readFileSync(join(runtime, name), 'utf8')])),
    'types.ts': await emitSchemaTypes(model.used),
    'frames.ts': emitFrames(model),
    'handlers.ts': emitHandlerInterfaces(model),
    'strict.ts': validators('strict'),
    'tolerant.ts': validators('tolerant'),
    'codec.ts': emitCodec(model),
    'handshake.ts': emitHandshake(model),
  };
  const head = banner(params.source ?? 'asyncapi.yaml');
  return [
    ...Object.entries(modules).map(([name, body]) => ({ name, text: `${head}\n${asModule(body)}` })),
    { name: 'tables.md', text: joinTables(emitTables(model, document)) },
  ];
}

/** A file that exports nothing is no module, and cannot be imported. */
function asModule(body) {
  return /^export /m.test(body) ? body : `${body}export {};\n`;
}
