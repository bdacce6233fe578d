/**
 * @file Everything that is generated from the two documents, as text by path.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runTemplate } from './asyncapi/run.js';
import { fillTables } from './asyncapi/tables.js';
import { banner } from './banner.js';
import { checkExamples } from './examples.js';
import { emitOperationIds, emitRequestValidators, emitResponseValidators, readBodies } from './openapi/bodies.js';
import { checkErrorCodes } from './openapi/check-errors.js';
import { emitData, emitText } from './openapi/documents.js';
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
 * @param {string} [input.protocol] The text of `PROTOCOL.md`, whose marked places get their tables.
 * @returns {Promise<Map<string, string>>} The text of each file by its path in the repository.
 * @throws where an example does not fit its schema, or an error code does not fit the table.
 */
export async function generate({ openapi, asyncapi, bundledAsyncapi, protocol }) {
  const document = parse(openapi);
  refuse([...checkErrorCodes(document), ...checkExamples(document), ...checkExamples(bundledAsyncapi)]);
  const bodies = readBodies(document);
  const validate = '../validate';
  const { tables, modules } = await generateMessages(document, bundledAsyncapi, bodies);
  const filled = protocol === undefined ? undefined : fillTables(protocol, tables);
  return new Map([
    [`${CONTRACT}/openapi.ts`, `${banner('openapi.yaml')}\n${await emitTypes(document)}`],
    [`${CONTRACT}/errors.ts`, emitErrors(document)],
    [`${CONTRACT}/operation-ids.ts`, emitOperationIds(document)],
    [`${CONTRACT}/requests.ts`, emitRequestValidators(bodies.requests, { validate })],
    [`${CONTRACT}/responses.ts`, emitResponseValidators(bodies.tolerantAnswers, { mode: 'tolerant', validate })],
    [`${CONTRACT}/strict-responses.ts`, emitResponseValidators(bodies.answers, { mode: 'strict', validate })],
    ...modules.map(([name, text]) => [`${CONTRACT}/asyncapi/${name}`, text]),
    [`${SERVER}/handlers.ts`, emitHandlers(document, { contract: '@parleyhq/contract' })],
    [`${SERVER}/routes.ts`, emitRoutes(document)],
    [`${CONTRACT}/documents/openapi-yaml.ts`, emitText('openapiYaml', 'openapi.yaml', openapi)],
    [`${CONTRACT}/documents/asyncapi-yaml.ts`, emitText('asyncapiYaml', 'asyncapi.yaml', asyncapi)],
    [`${CONTRACT}/documents/openapi-json.ts`, emitData('openapiJson', 'openapi.yaml', document)],
    [`${CONTRACT}/documents/asyncapi-json.ts`, emitData('asyncapiJson', 'asyncapi.yaml', parse(asyncapi))],
    ...(filled === undefined
      ? []
      : [
          ['PROTOCOL.md', filled],
          [`${CONTRACT}/documents/protocol-md.ts`, emitText('protocolMd', 'PROTOCOL.md', filled)],
        ]),
  ]);
}

function refuse(problems) {
  if (problems.length > 0) throw new Error(`The documents have mistakes:\n${[...new Set(problems)].join('\n')}`);
}

/** The template's files. The bodies of REST are compiled with them, since they hold the same schemas. */
async function generateMessages(document, bundledAsyncapi, { requests, answers, tolerantAnswers }) {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-'));
  try {
    const companion = join(folder, 'companion.json');
    const { schemas } = document.components;
    const strict = { schemas, roots: { ...requests.roots, ...answers.roots } };
    writeFileSync(
      companion,
      JSON.stringify({ types: '../openapi.js', strict, tolerant: { schemas, roots: tolerantAnswers.roots } }),
    );
    const described = {
      ...bundledAsyncapi,
      'x-errors': document['x-errors'],
      'x-close-codes': document['x-close-codes'],
    };
    const files = await runTemplate(JSON.stringify(described), {
      source: 'asyncapi.yaml',
      companion,
      validate: '../../validate',
    });
    const modules = [...files].filter(([name]) => name.endsWith('.ts'));
    return { tables: files.get('tables.md') ?? '', modules };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
