import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Git, GitCall } from '../git/git.js';
import { readProjectFile } from '../git/project-file.js';
import type { Repository } from '../git/repository.js';
import { writeAlternates } from '../git/store.js';
import { type BytePath, bytesOf, readPaths } from './source-files.js';

/** The user's settings that affect how git reads the files of the project, and the author of commits. */
const KEPT_SETTINGS =
  /^(core\.(autocrlf|eol|safecrlf|filemode|ignorecase|symlinks|precomposeunicode)|user\.(name|email))$/;

/**
 * Creates a `.git` in a copy, for the agent. The branches, tags and commits of the project can be read there, and nothing that
 * is written there reaches the user's repository. It has no remotes and runs no hooks. The server itself never reads it.
 */
export async function writeHistory(git: Git, copy: string, repository: Repository, excludes: string): Promise<void> {
  const { top, prefix, objects, objectFormat } = repository;
  const gitDir = await makeGitDir(copy, objects, excludes);
  const sparse = prefix === '' ? [] : [['core.sparseCheckout', 'true'] as const];
  const settings = [...(await keptSettings(git, top)), ...sparse];
  await writeConfig(gitDir, objectFormat, settings);
  // If the working directory is inside a repository, the copy contains only that directory.
  if (prefix !== '') await writeFile(join(gitDir, 'info/sparse-checkout'), `/${escaped(prefix)}\n`);
  await writeRefs(git, gitDir, repository);
  const place = { cwd: copy, gitDir, workTree: copy };
  // Fails if there is no commit yet. Then there is nothing to compare the files with.
  const { code } = await git.run(['read-tree', '-m', 'HEAD'], { ...place, answers: [0, 128] });
  if (code === 0 && prefix !== '') await leaveOut(git, place, Buffer.from(prefix).toString('latin1'));
}

/** Creates a `.git` in the copy of a directory without a repository, with one commit: the directory when it was copied. */
export async function writeBeginning(git: Git, copy: string, store: string, tree: string): Promise<void> {
  const gitDir = await makeGitDir(copy, join(store, 'objects'), '');
  await writeConfig(gitDir, 'sha1', []);
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  const place = { cwd: copy, gitDir, workTree: copy };
  const identity = { 'user.name': 'Parley', 'user.email': 'parley@localhost' };
  const args = ['commit-tree', '-m', 'The directory as it stood', tree];
  const commit = await git.line(args, { ...place, config: identity });
  await git.run(['update-ref', 'refs/heads/main', commit], { ...place, config: identity });
  await git.run(['read-tree', '-m', 'HEAD'], place);
}

/** Tells git that files outside of the copied directory are missing on purpose and not deleted. */
async function leaveOut(git: Git, place: GitCall, prefix: BytePath): Promise<void> {
  const paths = readPaths((await git.run(['ls-files', '-z'], place)).stdout);
  const input = bytesOf(paths.flatMap((path) => (path.startsWith(prefix) ? [] : [`${path}\0`])).join(''));
  await git.run(['update-index', '--skip-worktree', '-z', '--stdin'], { ...place, input });
}

async function makeGitDir(copy: string, objects: string, excludes: string): Promise<string> {
  const gitDir = join(copy, '.git');
  await rm(gitDir, { recursive: true, force: true });
  for (const folder of ['refs/heads', 'info', 'objects/info']) await mkdir(join(gitDir, folder), { recursive: true });
  await writeAlternates(gitDir, [objects]);
  await writeFile(join(gitDir, 'info/exclude'), excludes);
  return gitDir;
}

async function writeConfig(gitDir: string, format: string, settings: Iterable<readonly [string, string]>) {
  const all = [
    ['core.repositoryFormatVersion', format === 'sha1' ? '0' : '1'],
    ...(format === 'sha1' ? [] : [['extensions.objectFormat', format]]),
    ['core.bare', 'false'],
    ['core.hooksPath', '/dev/null'],
    // No garbage collection, since objects are shared with the user's repository.
    ['gc.auto', '0'],
    ...settings,
  ] as const;
  const lines = all.map(([name = '', value = '']) => {
    const [section, key] = name.split('.');
    return `[${section}]\n\t${key} = ${JSON.stringify(value)}\n`;
  });
  await writeFile(join(gitDir, 'config'), lines.join(''));
}

async function keptSettings(git: Git, top: string): Promise<Map<string, string>> {
  const { stdout } = await git.run(['config', '--local', '--list', '-z'], { cwd: top });
  const entries = stdout.toString().split('\0').slice(0, -1);
  const pairs = entries.map((entry) => {
    const [name = '', ...value] = entry.split('\n');
    return [name, value.length === 0 ? 'true' : value.join('\n')] as const;
  });
  return new Map(pairs.filter(([name]) => KEPT_SETTINGS.test(name)));
}

/** Writes all refs except the stash, whose entries are not refs. */
async function writeRefs(git: Git, gitDir: string, { top }: Repository): Promise<void> {
  const refs = await git.line(['for-each-ref', '--format=%(objectname) %(refname)'], { cwd: top });
  const lines = refs.split('\n').filter((line) => line !== '' && !line.endsWith(' refs/stash'));
  await writeFile(join(gitDir, 'packed-refs'), ['# pack-refs with: sorted ', ...lines, ''].join('\n'));
  const branch = await git.run(['symbolic-ref', '-q', 'HEAD'], { cwd: top, answers: [0, 1] });
  const head = branch.code === 0 ? `ref: ${branch.stdout}` : `${await git.line(['rev-parse', 'HEAD'], { cwd: top })}\n`;
  await writeFile(join(gitDir, 'HEAD'), head);
  const shallow = await git.line(['rev-parse', '--git-path', 'shallow'], { cwd: top });
  const commits = await readProjectFile(resolve(top, shallow));
  if (commits !== undefined) await writeFile(join(gitDir, 'shallow'), commits);
}

/** Escapes a path for a pattern of git, so that no character is a wildcard. */
function escaped(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&');
}
