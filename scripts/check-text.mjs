import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './setup.mjs';

/**
 * Texts that no file of the repository may have. The patterns are split so that this file does not have them either.
 */
const rules = [
  { pattern: /\b(TO|FIX)(DO|ME)\b/, means: 'something left for later' },
  { pattern: new RegExp(`(?<![\\w.-])/${'work'}/|/tmp/${'parley'}/`), means: 'a path of one machine' },
  { pattern: new RegExp(`"resolved": "${'http'}`), means: 'the address of a registry', only: /package-lock\.json$/ },
];

const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: repository,
  encoding: 'utf8',
});
const found = [...new Set(listed.stdout.split('\0'))]
  .filter((path) => path && existsSync(join(repository, path)))
  .flatMap(findIn);
for (const line of found) console.error(line);
process.exitCode = listed.status !== 0 || found.length > 0 ? 1 : 0;

/**
 * @param {string} path
 * @returns {string[]} A line for each match, with its place.
 */
function findIn(path) {
  const text = readFileSync(join(repository, path), 'utf8');
  const applicable = text.includes('\0') ? [] : rules.filter(({ only }) => !only || only.test(path));
  if (!applicable.some(({ pattern }) => pattern.test(text))) return [];
  return text.split('\n').flatMap((line, index) => {
    const broken = applicable.filter(({ pattern }) => pattern.test(line));
    return broken.map(({ means }) => `${path}:${index + 1}: ${means}: ${line.trim().slice(0, 100)}`);
  });
}
