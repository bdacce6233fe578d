import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '@parleyhq/server';
import { parse } from 'yaml';
import { repository } from './setup.mjs';

/**
 * Asks a real server for every operation of openapi.yaml and fails with the list of those that it does not know. What
 * each answers is the matter of the tests; here it only has to be its own answer.
 */
const strangers = new Set(['NotFound', 'MethodNotAllowed', 'Unavailable', 'InternalError']);
const anyId = '550e8400-e29b-41d4-a716-446655440000';

const { paths } = parse(readFileSync(join(repository, 'openapi.yaml'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'parley-implemented-'));
const server = await createServer({ dataDir: join(folder, 'data'), port: 0, roots: [folder] });
const { url } = await server.listen();
let missing = 0;
for (const [path, methods] of Object.entries(paths)) {
  for (const [method, { operationId }] of Object.entries(methods).filter(([, value]) => value.operationId)) {
    const answer = await ask(method.toUpperCase(), url + path.replaceAll(/\{\w+\}/g, anyId));
    if (!answer) continue;
    missing += 1;
    console.error(`${operationId} is not implemented yet: ${method.toUpperCase()} ${path} answers ${answer}`);
  }
}
await server.close();
rmSync(folder, { recursive: true });
process.exitCode = missing > 0 ? 1 : 0;

/**
 * @param {string} method
 * @param {string} address
 * @returns {Promise<string | undefined>} The answer, where it says that there is no such operation.
 */
async function ask(method, address) {
  const headers = { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' };
  const response = await fetch(address, { method, headers, ...(method === 'POST' && { body: '{}' }) });
  const text = await response.text();
  if (response.ok) return undefined;
  const { code } = JSON.parse(text);
  return strangers.has(code) ? `${response.status} ${code}` : undefined;
}
