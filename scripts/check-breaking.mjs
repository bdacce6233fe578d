import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureInstalled, repository, setup } from './setup.mjs';

/**
 * `npm run check:breaking`: compares openapi.yaml and asyncapi.yaml with those of the last release, in
 * `contracts/<version>/`, and prints what has changed. Exit code 1: something breaks old clients or old logs and the
 * version does not show it. Exit code 2: it cannot compare.
 */
const usage = `Usage: npm run check:breaking -- [options]
  --report FILE.md     also write the report as Markdown
  --against VERSION    compare with this release (default: the last one of contracts/)
  --documents FOLDER   compare the two documents of this folder (default: the repository)`;
const options = /** @type {const} */ ({
  report: { type: 'string' },
  against: { type: 'string' },
  documents: { type: 'string' },
  help: { type: 'boolean' },
});

const { report, against, documents = repository, help } = attempt(() => parseArgs({ options }).values, usage);
if (help) console.log(usage);
else await check();

async function check() {
  await setup({ build: false });
  const codegen = join(repository, 'packages', 'codegen');
  await ensureInstalled(codegen);
  const from = (/** @type {string} */ name) => import(pathToFileURL(join(codegen, 'src', 'breaking', name)).href);
  const { readContract } = await from('contract.js');
  const { compareContracts, mayBreak, sortVersions } = await from('compare-contracts.js');
  const { markdownReport, textReport } = await from('report.js');

  const comparison = attempt(() => {
    const release = chooseRelease(sortVersions);
    const old = read(readContract, join(repository, 'contracts', release));
    if (old.version !== release) throw new Error(`contracts/${release} holds version ${old.version}.`);
    const current = read(readContract, resolve(documents));
    const changes = compareContracts(old, current);
    return { old, current, changes, mayBreak: mayBreak(old.version, current.version) };
  });
  if (report !== undefined) attempt(() => writeFileSync(report, markdownReport(comparison)));
  console.log(textReport(comparison));
  const breaks = comparison.changes.some((/** @type {{breaking: boolean}} */ { breaking }) => breaking);
  process.exitCode = breaks && !comparison.mayBreak ? 1 : 0;
}

/** @param {(versions: string[]) => string[]} sortVersions */
function chooseRelease(sortVersions) {
  const folders = readdirSync(join(repository, 'contracts'), { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  const releases = sortVersions(folders.map(({ name }) => name));
  const chosen = against ?? releases.at(-1);
  if (chosen !== undefined && releases.includes(chosen)) return chosen;
  throw new Error(`No release ${chosen} in contracts/. There are: ${releases.join(', ') || 'none'}.`);
}

/**
 * @param {(texts: {openapi: string, asyncapi: string}, folder: string) => any} readContract
 * @param {string} folder
 */
function read(readContract, folder) {
  const [openapi, asyncapi] = ['openapi.yaml', 'asyncapi.yaml'].map((name) => {
    const file = join(folder, name);
    if (!existsSync(file)) throw new Error(`There is no ${file}.`);
    return readFileSync(file, 'utf8');
  });
  const shown = relative(repository, folder);
  return readContract({ openapi: openapi ?? '', asyncapi: asyncapi ?? '' }, shown.startsWith('..') ? folder : shown);
}

/**
 * @template Result
 * @param {() => Result} action
 * @param {string} [more]
 * @returns {Result} If the action fails, the process ends with 2 and the message.
 */
function attempt(action, more) {
  try {
    return action();
  } catch (error) {
    console.error(error instanceof Error && !process.env.DEBUG ? error.message : error);
    if (more !== undefined) console.error(more);
    process.exit(2);
  }
}
