import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { inFolder } from '../../files/without-links.js';
import type { Git } from '../git/git.js';
import { readProjectFile } from '../git/project-file.js';
import type { IndexEntry } from '../git/read-index.js';
import type { Repository } from '../git/repository.js';
import { readSettings, type Setting, writeSettings } from '../git/settings.js';
import { writeAlternates } from '../git/store.js';
import { isInside } from '../roots.js';
import { sparsePatterns, writeAgentIndex } from './agent-index.js';
import { copyObjects } from './history-objects.js';

/**
 * The settings of the user's repository that decide how git reads and writes the files of the project, and the author of
 * commits. Some name programs: the agent's git runs them, with the agent's rights, and the server never does.
 */
const KEPT_SETTINGS = [
  /^core\.(autocrlf|eol|safecrlf|checkroundtripencoding|attributesfile)$/,
  /^core\.(filemode|ignorecase|symlinks|precomposeunicode|sparsecheckout|sparsecheckoutcone)$/,
  /^(sparse\.expectfilesoutsideofpatterns|status\.showuntrackedfiles|user\.name|user\.email)$/,
  /^filter\..+\.(clean|smudge|process|required)$/s,
  /^diff\..+\.(binary|textconv|cachetextconv|command|xfuncname|funcname|wordregex|algorithm)$/s,
  /^merge\..+\.(name|driver|recursive)$/s,
];

/** The most keys of git-crypt that a copy gets. */
const MAX_KEYS = 64;

/**
 * Creates a `.git` in a copy, for the agent. The branches, tags and commits of the project can be read there, and nothing that
 * is written there reaches the user's repository. It has no remotes and runs no hooks. The server itself never reads it.
 *
 * @param entries the user's index, as far as the copy has it
 */
export async function writeHistory(
  git: Git,
  copy: string,
  repository: Repository,
  { excludes, entries }: { readonly excludes: string; readonly entries: readonly IndexEntry[] },
): Promise<void> {
  const { top, prefix, gitDir: users, commonDir, objectFormat } = repository;
  const objects = join(commonDir, 'objects');
  const gitDir = await makeGitDir(copy, objects, excludes);
  const place = { cwd: copy, gitDir, workTree: copy };
  const own = ownSettings(objectFormat);
  await writeSettings(gitDir, own);
  await writeRefs(git, gitDir, repository);
  await copyObjects(git, { top, from: objects, to: join(gitDir, 'objects') });
  await writeAgentIndex(git, place, repository, entries);
  const kept = await keptSettings(git, repository);
  await copyFileOf(commonDir, 'info/attributes', gitDir);
  await copyKeys(commonDir, gitDir);
  if (prefix === '') await copyFileOf(users, 'info/sparse-checkout', gitDir);
  else {
    // The copy contains only this directory of the repository.
    const isSparse = kept.get('core.sparsecheckout') === 'true';
    await writeFile(join(gitDir, 'info/sparse-checkout'), sparsePatterns(prefix, isSparse ? entries : []));
    kept.set('core.sparsecheckout', 'true').set('core.sparsecheckoutcone', 'false');
  }
  // The last step: the git of the server has run here before, and must not run what these name.
  await writeSettings(gitDir, [...own, ...kept]);
}

/** Creates a `.git` in the copy of a directory without a repository, with one commit: the directory when it was copied. */
export async function writeBeginning(git: Git, copy: string, store: string, tree: string): Promise<void> {
  const gitDir = await makeGitDir(copy, join(store, 'objects'), '');
  await writeSettings(gitDir, ownSettings('sha1'));
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  const place = { cwd: copy, gitDir, workTree: copy };
  const identity = { 'user.name': 'Parley', 'user.email': 'parley@localhost' };
  const args = ['commit-tree', '-m', 'The directory as it stood', tree];
  const commit = await git.line(args, { ...place, config: identity });
  await git.run(['update-ref', 'refs/heads/main', commit], { ...place, config: identity });
  await git.run(['read-tree', '-m', 'HEAD'], place);
}

async function makeGitDir(copy: string, objects: string, excludes: string): Promise<string> {
  const gitDir = join(copy, '.git');
  await rm(gitDir, { recursive: true, force: true });
  for (const folder of ['refs/heads', 'info', 'objects/info']) await mkdir(join(gitDir, folder), { recursive: true });
  await writeAlternates(gitDir, [objects]);
  await writeFile(join(gitDir, 'info/exclude'), excludes);
  return gitDir;
}

function ownSettings(format: string): Setting[] {
  return [
    ['core.repositoryformatversion', format === 'sha1' ? '0' : '1'],
    ...(format === 'sha1' ? [] : [['extensions.objectformat', format] as const]),
    ['core.bare', 'false'],
    ['core.hookspath', '/dev/null'],
    // No garbage collection: some objects may be those of the user's repository.
    ['gc.auto', '0'],
  ];
}

async function keptSettings(git: Git, repository: Repository): Promise<Map<string, string>> {
  const { top } = repository;
  const all = await readSettings(git, repository);
  const kept = new Map(all.filter(([name]) => KEPT_SETTINGS.some((form) => form.test(name))));
  const attributes = kept.get('core.attributesfile');
  // A file of the project is the one of the copy for the agent.
  if (attributes !== undefined && isInside(top, attributes)) kept.set('core.attributesfile', relative(top, attributes));
  return kept;
}

/** Copies a file that git reads, from the folder of one repository to that of another. */
async function copyFileOf(from: string, name: string, to: string): Promise<void> {
  const content = await readProjectFile(join(from, name));
  if (content !== undefined) await writeFile(join(to, name), content);
}

/** Copies the keys of git-crypt. Its filters fail without, and the copy has the files that they decrypt. */
async function copyKeys(from: string, to: string): Promise<void> {
  const keys = 'git-crypt/keys';
  const names = await inFolder(join(from, keys), (held) => readdir(held)).catch(() => []);
  if (names?.length) await mkdir(join(to, keys), { recursive: true, mode: 0o700 });
  for (const name of (names ?? []).slice(0, MAX_KEYS)) await copyFileOf(from, `${keys}/${name}`, to);
}

/** Writes all refs except the stash, whose entries are not refs. */
async function writeRefs(git: Git, gitDir: string, { top, commonDir }: Repository): Promise<void> {
  const refs = await git.line(['for-each-ref', '--format=%(objectname) %(refname)'], { cwd: top });
  const lines = refs.split('\n').filter((line) => line !== '' && !line.endsWith(' refs/stash'));
  await writeFile(join(gitDir, 'packed-refs'), ['# pack-refs with: sorted ', ...lines, ''].join('\n'));
  const branch = await git.run(['symbolic-ref', '-q', 'HEAD'], { cwd: top, answers: [0, 1] });
  const head = branch.code === 0 ? `ref: ${branch.stdout}` : `${await git.line(['rev-parse', 'HEAD'], { cwd: top })}\n`;
  await writeFile(join(gitDir, 'HEAD'), head);
  await copyFileOf(commonDir, 'shallow', gitDir);
}
