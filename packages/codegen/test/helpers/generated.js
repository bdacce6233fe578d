/**
 * @file What the template makes of a document, on the disk, as a project of its own.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { parse } from 'yaml';
import { runTemplate } from '../../src/asyncapi/run.js';

const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  declaration: true,
  types: [],
  noEmit: true,
};

/** What the TypeScript compiler says of some files. @param {string[]} paths */
export function compileFiles(paths) {
  return ts.getPreEmitDiagnostics(ts.createProgram(paths, OPTIONS)).map(({ file, messageText }) => {
    const name = file?.fileName.split('/').slice(-2).join('/');
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** A document of this folder. @param {string} name */
export function readDocument(name) {
  const text = readFileSync(new URL(`../documents/${name}.yaml`, import.meta.url), 'utf8');
  return { text, document: parse(text) };
}

/**
 * Runs the template on a document, and offers what can be done with the outcome.
 *
 * @param {string} text
 * @param {Record<string, string>} [params] Of the template.
 * @param {Map<string, string>} [others] Modules of other making, beside the template's; `asyncapi/` is where they look for those.
 */
export async function generateProject(text, params = {}, others = new Map()) {
  const modules = await runTemplate(text, { source: 'sample.yaml', ...params });
  const prefix = others.size === 0 ? '' : 'asyncapi/';
  const files = new Map([...[...modules].map(([name, content]) => [`${prefix}${name}`, content]), ...others]);
  const folder = mkdtempSync(join(tmpdir(), 'codegen-test-'));
  mkdirSync(join(folder, 'src', prefix), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const [name, content] of files) writeFileSync(join(folder, 'src', name), content);

  return {
    files,

    /** What the TypeScript compiler says of all modules, and of one more that uses them. @param {string} [use] */
    compile(use = 'export {};\n') {
      writeFileSync(join(folder, 'src', 'use.ts'), use);
      const names = [...files.keys(), 'use.ts'].filter((name) => name.endsWith('.ts'));
      return compileFiles(names.map((name) => join(folder, 'src', name)));
    },

    /** The bundle of a module that uses them, minified. @param {string} use */
    async bundle(use) {
      const stdin = { contents: use, resolveDir: join(folder, 'src'), loader: /** @type {const} */ ('ts') };
      const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false });
      return outputFiles[0].text;
    },

    /** All modules, loaded. */
    async load() {
      const names = [...files.keys()].filter((name) => name.endsWith('.ts'));
      const use = names.map((name) => `export * from './${name.replace(/ts$/, 'js')}';`).join('\n');
      const output = join(folder, 'all.mjs');
      const stdin = { contents: use, resolveDir: join(folder, 'src'), loader: /** @type {const} */ ('ts') };
      await build({ stdin, bundle: true, format: 'esm', outfile: output, logLevel: 'silent' });
      return import(pathToFileURL(output).href);
    },

    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
