import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, repository, setup } from './setup.mjs';

/**
 * `npm run generate`: writes everything that is generated from the two documents. With `--check` it writes nothing, and
 * fails with the names of the files that are out of date.
 */

const FOLDERS = ['packages/contract/src/gen', 'packages/server/src/gen'];
const codegen = join(repository, 'packages', 'codegen');

await setup({ build: false });
await ensureInstalled(codegen);
/** @type {typeof import('../packages/codegen/src/generate.js')} */
const { generate } = await import(pathToFileURL(join(codegen, 'src', 'generate.js')).href);

const wanted = await generateOrExit();
const differing = [...new Set([...wanted.keys(), ...FOLDERS.flatMap(listFiles)])]
  .filter((path) => wanted.get(path) !== read(path))
  .sort();
if (process.argv.includes('--check')) check();
else write();

/** A mistake in the documents is reported without a stack: the message says where it is. */
async function generateOrExit() {
  try {
    return await generate({
      openapi: read('openapi.yaml') ?? '',
      asyncapi: read('asyncapi.yaml') ?? '',
      bundledAsyncapi: bundle('asyncapi.yaml'),
      protocol: read('PROTOCOL.md'),
    });
  } catch (error) {
    console.error(error instanceof Error && !process.env.DEBUG ? error.message : error);
    process.exit(1);
  }
}

function check() {
  if (differing.length === 0) return;
  for (const path of differing) console.error(`${path} is out of date.`);
  console.error('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}

function write() {
  for (const path of differing) {
    const text = wanted.get(path);
    const file = join(repository, path);
    if (text === undefined) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    console.log(`${text === undefined ? 'removed' : 'wrote'} ${path}`);
  }
  console.log(`${wanted.size} generated files, ${differing.length} changed.`);
}

/**
 * @param {string} name
 * @returns {object} The document, with the schemas of other files included under their names.
 */
function bundle(name) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-generate-'));
  const output = join(folder, 'bundle.json');
  try {
    const redocly = join(repository, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const { status, stderr } = spawnSync(process.execPath, [redocly, 'bundle', name, '--output', output], {
      cwd: repository,
      encoding: 'utf8',
      env,
    });
    if (status !== 0) throw new Error(`${name} could not be bundled:\n${stderr}`);
    return JSON.parse(readFileSync(output, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} path In the repository.
 * @returns {string | undefined}
 */
function read(path) {
  const file = join(repository, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @param {string} folder In the repository. */
function listFiles(folder) {
  if (!existsSync(join(repository, folder))) return [];
  return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(repository.length + 1));
}
