/**
 * @file The repository's own documents, and what is generated from them or from a changed copy.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { generate } from '../../src/generate.js';

const read = (name) => readFileSync(new URL(`../../../../${name}`, import.meta.url), 'utf8');

/** The two documents and the prose, as texts. */
export function readContractTexts() {
  return { openapi: read('openapi.yaml'), asyncapi: read('asyncapi.yaml'), protocol: read('PROTOCOL.md') };
}

/** Everything that the texts give, and the texts themselves. @param {ReturnType<typeof readContractTexts>} texts */
export async function generateContract({ openapi, asyncapi, protocol }) {
  const bundledAsyncapi = parse(asyncapi.replaceAll('./openapi.yaml#', '#'));
  const { schemas } = parse(openapi).components;
  bundledAsyncapi.components.schemas = { ...schemas, ...bundledAsyncapi.components.schemas };
  const files = await generate({ openapi, asyncapi, bundledAsyncapi, protocol });
  return new Map([['openapi.yaml', openapi], ['asyncapi.yaml', asyncapi], ...files]);
}

/**
 * The lines that git shows as added or removed between two sets of files.
 *
 * @param {Map<string, string>} before
 * @param {Map<string, string>} after
 * @returns {Record<string, number>} Of each file that differs.
 */
export function countChangedLines(before, after) {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-diff-'));
  try {
    for (const [side, files] of Object.entries({ before, after })) {
      for (const [path, text] of files) {
        mkdirSync(dirname(join(folder, side, path)), { recursive: true });
        writeFileSync(join(folder, side, path), text);
      }
    }
    const lines = numstat(folder).split('\n').filter(Boolean);
    return Object.fromEntries(
      lines.map((line) => {
        const [added, removed, path] = line.split('\t');
        return [path.replace(/^.*=> after}?\//, ''), Number(added) + Number(removed)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `git diff` ends with 1 where the folders differ. */
function numstat(folder) {
  try {
    return execFileSync('git', ['diff', '--no-index', '--numstat', 'before', 'after'], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    if (error.status === 1) return error.stdout;
    throw error;
  }
}
