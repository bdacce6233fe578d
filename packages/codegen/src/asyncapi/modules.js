/**
 * @file All modules of one AsyncAPI document.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { banner } from '../banner.js';
import { emitSchemaTypes } from '../schemas/types.js';
import { emitFrames } from './frames.js';
import { emitHandlerInterfaces } from './handlers.js';
import { readModel } from './model.js';

/**
 * @param {object} input
 * @param {any} input.asyncapi The document as the AsyncAPI parser gives it.
 * @param {string} input.text The document as written, with every reference inside it.
 * @param {{source?: string, companion?: string}} input.params
 * @returns {Promise<{name: string, text: string}[]>}
 */
export async function emitModules({ asyncapi, text, params }) {
  const document = parse(text);
  const model = readModel(asyncapi, document);
  const companion = params.companion ? JSON.parse(readFileSync(params.companion, 'utf8')) : { schemas: {}, roots: {} };
  const head = banner(params.source ?? 'asyncapi.yaml');
  void companion;
  const modules = {
    'types.ts': await emitSchemaTypes(model.used),
    'frames.ts': emitFrames(model),
    'handlers.ts': emitHandlerInterfaces(model),
  };
  return Object.entries(modules).map(([name, body]) => ({ name, text: `${head}\n${body}` }));
}
