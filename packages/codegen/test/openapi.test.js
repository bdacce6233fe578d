import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emitOperationIds, emitRequestValidators, emitResponseValidators, readBodies } from '../src/openapi/bodies.js';
import { emitData, emitText } from '../src/openapi/documents.js';
import { emitErrors } from '../src/openapi/errors.js';
import { emitHandlers } from '../src/openapi/handlers.js';
import { emitRoutes } from '../src/openapi/routes.js';
import { emitTypes } from '../src/schemas/types.js';
import { generateProject, readDocument } from './helpers/generated.js';

const handlers = `
import { createRoutes, type Handlers } from './server-handlers.js';
import { errors, type ErrorCode } from './errors.js';
interface Account { readonly account: string }
interface Anyone { readonly address: string }
type All = Handlers<Account, Anyone>;
const item = { status: 200, body: { name: 'a' }, headers: { ETag: '1' } } as const;
const good: All = {
  'get-item': async ({ path, query, headers, account }) =>
    query.lang === 'de' && account !== '' ? { ...item, body: { name: path.id + (headers['x-trace'] ?? '') } } : { status: 404, body: { code: 'Missing' } },
  putItem: async ({ body }) => (body.count > 0 ? { status: 204 } : { status: 404, body: { code: 'Missing' } }),
  getTerms: async ({ address }) => ({ status: 200, body: address }),
};
export const routes = createRoutes(good, ({ method, path, secured }, handle) => ({ method, path, secured, handle }));
export const status: (code: ErrorCode) => number = (code) => errors[code].status;
`;

const mistakes = {
  'a handler is missing': "export const missing: All = { 'get-item': good['get-item'], putItem: good.putItem };",
  'a status is not documented': 'export const status201: All = { ...good, putItem: async () => ({ status: 201 }) };',
  'a body is not what the status has':
    "export const body: All = { ...good, 'get-item': async () => ({ ...item, body: { title: 'a' } }) };",
  'a body has an error code that the operation does not give':
    "export const code: All = { ...good, putItem: async () => ({ status: 404, body: { code: 'Busy' } }) };",
  'a header is missing':
    "export const header: All = { ...good, 'get-item': async () => ({ status: 200, body: { name: 'a' } }) };",
  'an operation without a credential asks for the account':
    'export const account: All = { ...good, getTerms: async ({ account }) => ({ status: 200, body: account }) };',
  'a parameter does not exist':
    'export const parameter: All = { ...good, putItem: async ({ query }) => ({ status: 204, body: query.lang }) };',
  'an error code does not exist': "status('Nothing');",
};

describe('an OpenAPI document', () => {
  const { text, document } = readDocument('shop');
  const messages = { asyncapi: '3.0.0', info: { title: 'None', version: '1' }, channels: {} };
  const folder = mkdtempSync(join(tmpdir(), 'codegen-openapi-'));
  /** @type {Awaited<ReturnType<typeof generateProject>>} */
  let project;
  let code;

  beforeAll(async () => {
    const { requests, answers, tolerantAnswers } = readBodies(document);
    const companion = join(folder, 'companion.json');
    const { schemas } = document.components;
    const strict = { schemas, roots: { ...requests.roots, ...answers.roots } };
    writeFileSync(companion, JSON.stringify({ strict, tolerant: { schemas, roots: tolerantAnswers.roots } }));
    const validate = './asyncapi';
    const rest = new Map([
      ['openapi.ts', await emitTypes(document)],
      ['errors.ts', emitErrors(document)],
      ['operation-ids.ts', emitOperationIds(document)],
      ['requests.ts', emitRequestValidators(requests, { validate })],
      ['responses.ts', emitResponseValidators(tolerantAnswers, { mode: 'tolerant', validate })],
      ['strict-responses.ts', emitResponseValidators(answers, { mode: 'strict', validate })],
      ['server-handlers.ts', emitHandlers(document, { contract: './openapi.js' })],
      ['routes.ts', emitRoutes(document)],
      ['shop-yaml.ts', emitText('shopYaml', 'shop.yaml', text)],
      ['shop-json.ts', emitData('shopJson', 'shop.yaml', document)],
    ]);
    project = await generateProject(JSON.stringify(messages), { companion }, rest);
    code = await project.load();
  });
  afterAll(() => {
    project.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives handlers that compile when every operation answers as documented', () => {
    expect(project.compile(handlers)).toEqual([]);
  });

  it('gives handlers that do not compile when something is not as documented', () => {
    const lines = Object.entries(mistakes).map(([what, mistake]) => `// @ts-expect-error ${what}\n${mistake}\n`);
    // The compiler also complains where a mistake that is expected is none.
    expect(project.compile(`${handlers}\n${lines.join('')}`)).toEqual([]);
  });

  it('gives a route for each operation, which calls its handler', async () => {
    const calls = Object.fromEntries(
      Object.keys(code.routes).map((id) => [id, async (request) => ({ status: 200, body: [id, request] })]),
    );
    const routes = code.createRoutes(calls, (route, handle) => ({ route, handle }));
    expect(Object.keys(routes)).toEqual(['get-item', 'putItem', 'getTerms']);
    expect(routes['get-item'].route).toEqual({
      operationId: 'get-item',
      method: 'get',
      path: '/items/{id}',
      secured: true,
      bodies: [],
      bodyRequired: false,
      statuses: [200, 404],
      takesInput: true,
    });
    expect(routes.putItem.route).toMatchObject({ bodies: ['application/json'], bodyRequired: true });
    expect(routes.getTerms.route).toMatchObject({ secured: false });
    await expect(routes.putItem.handle({ body: 1 })).resolves.toEqual({ status: 200, body: ['putItem', { body: 1 }] });
    expect(code.operationIds).toEqual({
      'GET /items/{id}': 'get-item',
      'PUT /items/{id}': 'putItem',
      'GET /terms': 'getTerms',
    });
  });

  it('gives validators for each JSON body: strict for requests, both for answers', () => {
    expect(Object.keys(code.requestValidators)).toEqual(['putItem']);
    expect(code.requestValidators.putItem({ name: '', size: 1 }).problems.map(({ pointer }) => pointer)).toEqual([
      '/name',
      '/size',
    ]);
    const answers = {
      tolerant: code.responseValidators['get-item'],
      strict: code.strictResponseValidators['get-item'],
    };
    expect(Object.keys(answers.tolerant)).toEqual(['200', '404', 'default']);
    expect(answers.strict[200]({ name: 'a', size: 1 }).ok).toBe(false);
    expect(answers.tolerant[200]({ name: 'a', size: 1 }).ok).toBe(true);
    expect(answers.strict[404]({ code: 'Other' }).ok).toBe(false);
    expect(answers.tolerant[404]({ code: 'Other', more: true }).ok).toBe(true);
    expect(answers.tolerant[404]({ code: 5 }).ok).toBe(false);
    expect(answers.tolerant.default({ code: 'Other' }).ok).toBe(true);
    expect(code.responseValidators.getTerms).toEqual({});
  });

  it('gives the tables of errors and close codes, and the text of the document', () => {
    expect(code.errors.Busy).toEqual({ status: 503, closeCode: 4001, retryable: true });
    expect(code.errorDescriptions.Missing).toBe("It isn't there.");
    expect(code.closeCodes[4001]).toEqual({ name: 'Busy', resume: true });
    expect(code.shopYaml).toBe(readFileSync(new URL('./documents/shop.yaml', import.meta.url), 'utf8'));
    expect(JSON.parse(code.shopJson)).toEqual(document);
  });
});
