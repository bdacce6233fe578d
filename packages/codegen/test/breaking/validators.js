/**
 * @file The validators that a release ships, made of its documents by the code that makes the shipped ones, and loaded.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import { runtimeImports } from '../../src/asyncapi/validators.js';
import { checkName, compileSchemas } from '../../src/schemas/compile.js';
import { VALIDATE } from '../../src/validate-modules.js';

/** A folder for validators; the runtime that they all share is built once. */
export async function createWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-releases-'));
  const names = ['problems', 'values', 'objects', 'lists', 'unions'];
  const entryPoints = names.map((name) => join(VALIDATE, `${name}.ts`));
  await build({ entryPoints, outdir: join(folder, 'runtime'), format: 'esm', bundle: false });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  let made = 0;

  return {
    /**
     * @param {Record<string, any>} roots Schemas by key.
     * @param {Record<string, any>} schemas The named ones that they refer to.
     * @param {'strict' | 'tolerant'} mode
     * @returns {Promise<(key: string, value: unknown) => {keyword: string}[]>} What is wrong with a value.
     */
    async make(roots, schemas, mode) {
      const ids = new Map(Object.keys(roots).map((key, index) => [key, `Root${index}`]));
      const named = Object.fromEntries(Object.entries(roots).map(([key, schema]) => [ids.get(key), schema]));
      const code = runtimeImports('./runtime') + compileSchemas({ roots: named, schemas, mode });
      made += 1;
      const file = join(folder, `release-${made}.js`);
      writeFileSync(file, (await transform(code, { loader: 'ts' })).code);
      const checks = await import(pathToFileURL(file).href);
      return (key, value) => {
        const problems = [];
        checks[checkName(ids.get(key))](value, problems);
        return problems;
      };
    },

    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
