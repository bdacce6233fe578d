/**
 * @file Small AsyncAPI documents, and what is generated of them without the AsyncAPI generator around it, which takes
 * seconds for each.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { checkDocument, emitModules } from '../../src/asyncapi/modules.js';
import { VALIDATE } from '../../src/validate-modules.js';
import { compileFiles } from './generated.js';

export const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

/** A schema of objects with a tag. @param {string} tag */
export const tagged = (tag, more = {}) => ({
  type: 'object',
  required: ['t'],
  properties: { t: { const: tag }, ...more },
});

/**
 * A document with a channel `a`, on which the server receives the message `m`, of the schema `A`.
 *
 * @param {any} [parts] What is otherwise.
 */
export function documentOf({ schemas = {}, message = {}, channel = {}, channels = {}, operations, ...others } = {}) {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Foreign', version: '1' },
    channels: { a: { address: '/a', messages: { m: { payload: ref('A'), ...message } }, ...channel }, ...channels },
    operations: operations ?? { get: { action: 'receive', channel: { $ref: '#/channels/a' } } },
    components: { schemas: { A: tagged('x'), ...schemas } },
    ...others,
  };
}

/** The text of each module of a document by its name. @param {any} document @returns {Promise<Map<string, string>>} */
export async function emit(document) {
  checkDocument(document);
  const modules = await emitModules({ text: JSON.stringify(document), params: {}, validateFolder: VALIDATE });
  return new Map(modules.filter(({ name }) => name.endsWith('.ts')).map(({ name, text }) => [name, text]));
}

/** Several documents on the disk, each in a folder of its own. @param {Record<string, any>} documents */
export async function emitAll(documents) {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-foreign-'));
  const paths = [];
  const write = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    paths.push(join(folder, name));
  };
  write('package.json', JSON.stringify({ type: 'module' }));
  for (const [id, document] of Object.entries(documents)) {
    for (const [name, text] of await emit(document)) write(`${id}/${name}`, text);
    const modules = ['types', 'frames', 'handlers', 'strict', 'tolerant', 'codec', 'handshake'];
    write(`${id}/all.ts`, modules.map((name) => `export * as ${name} from './${name}.js';\n`).join(''));
  }
  return {
    /** What the TypeScript compiler says of all of them, and of one more module. @param {string} [use] */
    compile(use = 'export {};\n') {
      write('use.ts', use);
      return compileFiles(paths.filter((path) => path.endsWith('.ts')));
    },

    /** The modules of each document, by its id. */
    async load() {
      const contents = Object.keys(documents).map((id) => `export * as ${id} from './${id}/all.js';\n`);
      const outfile = join(folder, 'all.mjs');
      const stdin = { contents: contents.join(''), resolveDir: folder, loader: /** @type {const} */ ('ts') };
      await build({ stdin, bundle: true, format: 'esm', outfile, logLevel: 'silent' });
      return import(pathToFileURL(outfile).href);
    },

    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
