/**
 * @file Runs the template through the AsyncAPI generator, without the network.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { checkDocument } from './modules.js';

const TEMPLATE = fileURLToPath(new URL('../../template', import.meta.url));

/**
 * @param {string} document A bundled AsyncAPI 3.0 document: no reference leaves it.
 * @param {Record<string, string>} [templateParams] See the template's package.json.
 * @returns {Promise<Map<string, string>>} The text of each file by its name.
 * @throws where the document has what cannot be generated, with its place and what was expected.
 */
export async function runTemplate(document, templateParams = {}) {
  refuseEarly(parse(document));
  const Generator = loadGenerator();
  const folder = mkdtempSync(join(tmpdir(), 'asyncapi-template-'));
  try {
    const generator = new Generator(TEMPLATE, folder, { forceWrite: true, templateParams });
    await generator.generateFromString(document).catch((error) => {
      throw withPlaces(error);
    });
    return new Map(
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Before the generator takes its seconds. What is no AsyncAPI document at all is for its parser to tell. */
function refuseEarly(document) {
  try {
    checkDocument(document);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** The parser prints what it finds, and throws without it. */
function withPlaces(error) {
  const mistakes = (error.diagnostics ?? []).filter(({ severity }) => severity === 0);
  const lines = mistakes.map(({ path, message }) => `${path.join('/')}: ${message}`);
  return lines.length === 0 ? error : new Error([error.message, ...new Set(lines)].join('\n'), { cause: error });
}

/** The generator looks for a global npm when it is loaded, though a local template needs none. */
function loadGenerator() {
  process.env.NODE_PATH ??= globalModules();
  return createRequire(import.meta.url)('@asyncapi/generator');
}

function globalModules() {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('npm-cli.js')) return dirname(dirname(dirname(npm)));
  return execFileSync('npm', ['root', '-g'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}
