/**
 * @file Everything that is generated from the two documents, as text by path.
 */
import { parse } from 'yaml';
import { runTemplate } from './asyncapi/run.js';
import { banner } from './banner.js';
import { emitObject, emitTexts } from './openapi/documents.js';
import { emitErrors } from './openapi/errors.js';
import { emitHandlers } from './openapi/handlers.js';
import { emitRoutes } from './openapi/routes.js';
import { emitTypes } from './schemas/types.js';

const CONTRACT = 'packages/contract/src/gen';
const SERVER = 'packages/server/src/gen';

/**
 * @param {object} input
 * @param {string} input.openapi The text of `openapi.yaml`.
 * @param {string} input.asyncapi The text of `asyncapi.yaml`.
 * @param {any} input.bundledAsyncapi The same with the schemas of `openapi.yaml` taken in, as an object.
 * @returns {Promise<Map<string, string>>} The text of each file by its path in the repository.
 */
export async function generate({ openapi, asyncapi, bundledAsyncapi }) {
  const document = parse(openapi);
  const files = new Map();
  files.set(`${CONTRACT}/openapi.ts`, `${banner('openapi.yaml')}\n${await emitTypes(document)}`);
  files.set(`${CONTRACT}/errors.ts`, emitErrors(document));
  files.set(`${SERVER}/handlers.ts`, emitHandlers(document, { contract: '@parleyhq/contract' }));
  files.set(`${SERVER}/routes.ts`, emitRoutes(document));
  files.set(`${SERVER}/openapi-json.ts`, emitObject(document));
  const texts = {
    openapiYaml: { source: 'openapi.yaml', text: openapi },
    asyncapiYaml: { source: 'asyncapi.yaml', text: asyncapi },
  };
  files.set(`${SERVER}/documents.ts`, emitTexts(texts));
  const modules = await runTemplate(JSON.stringify(bundledAsyncapi), { source: 'asyncapi.yaml' });
  for (const [name, text] of modules) files.set(`${CONTRACT}/asyncapi/${name}`, text);
  return files;
}
