import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vitest/config';

/** Node loads these itself: vitest transforms only the tests and what helps them. */
export const COMPILED = /\/packages\/[^/]+\/dist\//;

/**
 * Tests import modules beside them (`./turn.js` in `src/`) and get what was compiled from these (`dist/turn.js`): what is
 * published, what other packages, workers and subprocesses run, and a fifth less work than transforming each module again.
 */
export const useCompiled: Plugin = {
  name: 'use-compiled',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return undefined;
    const path = resolve(dirname(importer), source).replace(/\.js$/, '.ts');
    const compiled = path.replace(/(\/packages\/[^/]+)\/src\/(.*)\.ts$/, '$1/dist/$2.js');
    return existsSync(path) && existsSync(compiled) ? { id: compiled, external: true } : undefined;
  },
};
