import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errors, eventTypes } from '@parleyhq/contract';
import { createServer } from '@parleyhq/server';
import { parse } from 'yaml';
import { LIMITS } from '../packages/server/dist/limits.js';
import { repository } from './setup.mjs';

/**
 * Fails if the documents and tables have something that no code implements: an operation that the server does not know,
 * an event that is never emitted, an error that is never given, a limit that is never applied, a type that applications
 * cannot import. It checks only what the compiler cannot find.
 */

const openapi = parse(readFileSync(join(repository, 'openapi.yaml'), 'utf8'));
const problems = [
  ...findUnemittedEvents(),
  ...findUngivenErrors(),
  ...findUnkeptLimits(),
  ...findUnexportedTypes(),
  ...(await findUnknownOperations()),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** @returns {string[]} */
function findUnemittedEvents() {
  const sources = read('packages/server/src') + read('packages/agents/src');
  return eventTypes
    .filter((type) => !sources.includes(`type: '${type}'`))
    .map((type) => `The event ${type} of openapi.yaml is emitted nowhere in packages/{server,agents}/src.`);
}

/** @returns {string[]} */
function findUngivenErrors() {
  const sources = read('packages/server/src');
  return Object.keys(errors)
    .filter((code) => !sources.includes(`'${code}'`))
    .map((code) => `The error ${code} of openapi.yaml is given nowhere in packages/server/src.`);
}

/** @returns {string[]} */
function findUnkeptLimits() {
  const sources = read('packages/server/src', (name) => name !== 'limits.ts');
  return Object.keys(LIMITS)
    .filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))
    .map((name) => `The limit ${name} of packages/server/src/limits.ts is applied nowhere in packages/server/src.`);
}

/** @returns {string[]} */
function findUnexportedTypes() {
  const index = readFileSync(join(repository, 'packages/contract/src/index.ts'), 'utf8');
  return Object.keys(openapi.components.schemas)
    .filter((name) => !new RegExp(`\\b${name}\\b`).test(index))
    .map((name) => `The type ${name} of openapi.yaml is not exported by packages/contract/src/index.ts.`);
}

/** Asks a real server for every operation. It only has to know the operation; tests check the answers. */
async function findUnknownOperations() {
  const strangers = new Set(['NotFound', 'MethodNotAllowed', 'Unavailable', 'InternalError']);
  const anyId = '550e8400-e29b-41d4-a716-446655440000';
  const folder = mkdtempSync(join(tmpdir(), 'parley-implemented-'));
  const server = await createServer({ dataDir: join(folder, 'data'), port: 0, roots: [folder] });
  const { url } = await server.listen();
  /** @type {string[]} */
  const unknown = [];
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const [method, { operationId }] of Object.entries(methods).filter(([, value]) => value.operationId)) {
      const headers = { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' };
      const response = await fetch(url + path.replace('{agent}', 'demo').replaceAll(/\{\w+\}/g, anyId), {
        method: method.toUpperCase(),
        headers,
        ...(method === 'post' && { body: '{}' }),
      });
      const text = await response.text();
      const code = response.ok ? undefined : JSON.parse(text).code;
      if (strangers.has(code)) {
        const name = `${method.toUpperCase()} ${path}`;
        unknown.push(`${operationId} is not implemented yet: ${name} answers ${response.status} ${code}`);
      }
    }
  }
  await server.close();
  rmSync(folder, { recursive: true });
  return unknown;
}

/**
 * @param {string} folder In the repository.
 * @param {(name: string) => boolean} [wanted] Whether a file is read, by its name.
 * @returns {string} Its sources, without tests and generated files.
 */
function read(folder, wanted = () => true) {
  return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter(
      ({ name, parentPath }) => name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name) && !/\/gen\b/.test(parentPath),
    )
    .filter(({ name }) => wanted(name))
    .map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');
}
