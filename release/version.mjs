import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import getReleasePlan from '@changesets/get-release-plan';

/**
 * `npm run version-packages`: turns the files of .changeset into the next version of all packages and its entry of
 * CHANGELOG.md. Changesets itself writes a changelog for each package; here all packages have one version, and users one
 * file to read.
 */

/** @typedef {Awaited<ReturnType<typeof getReleasePlan>>['changesets'][number]} Change */

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const changelog = join(repository, 'CHANGELOG.md');
const titles = { major: 'Breaking changes', minor: 'New, and changed', patch: 'Mended' };

const { changesets, releases } = await getReleasePlan(repository);
const version = releases[0]?.newVersion;
if (version === undefined) {
  console.error('There is nothing to release: .changeset has no change. `npm run changeset` writes one.');
  process.exit(1);
}

const day = new Date().toISOString().slice(0, 10);
const [head = '', ...older] = readFileSync(changelog, 'utf8').split(/^(?=## )/m);
writeFileSync(changelog, [head, `## ${version} (${day})\n\n${describeChanges()}\n`, ...older].join(''));
runChangesets('version');
setRootVersion(version);
// The lockfile has the versions of the packages too.
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: repository, stdio: 'inherit' });
console.log(
  `\nEverything is at ${version}. If openapi.yaml or asyncapi.yaml has changed, contracts/README.md says what to do.`,
);

function describeChanges() {
  return Object.entries(titles)
    .flatMap(([size, title]) => {
      const entries = changesets.filter((change) => sizeOf(change) === size).map(describeChange);
      return entries.length === 0 ? [] : [`### ${title}\n\n${entries.join('\n')}\n`];
    })
    .join('\n');
}

/** @param {Change} change */
function sizeOf({ releases }) {
  return Object.keys(titles).find((size) => releases.some(({ type }) => type === size));
}

/** @param {Change} change */
function describeChange({ releases, summary }) {
  const names = releases.map(({ name }) => name.replace('@parleyhq/', '')).sort();
  return `- **${names.join(', ')}**: ${summary.trim().replaceAll(/\n(?=.)/g, '\n  ')}`;
}

/** @param {string[]} args */
function runChangesets(...args) {
  const bin = createRequire(import.meta.url).resolve('@changesets/cli/bin.js');
  execFileSync(process.execPath, [bin, ...args], { cwd: repository, stdio: 'inherit' });
}

/** @param {string} version */
function setRootVersion(version) {
  const path = join(repository, 'package.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/("version": )"[^"]*"/, `$1"${version}"`));
}
