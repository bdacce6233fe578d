/**
 * @file Copies a directory with files that its user may not read, applies patches to it, also while it may not be written, and
 * prints what came of it. Its own process, since it has to run as
 * a user for whom that can be: `node copy-unreadable.mjs FOLDER`
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createIsolatedWorkspaces } from '../dist/workspace/open-workspace.js';

/** The user who has nothing. */
const SOMEBODY = 65_534;

const folder = process.argv[2];
// Root may read everything.
if (process.getuid?.() === 0) {
  chownSync(folder, SOMEBODY, SOMEBODY);
  process.setgroups([]);
  process.setgid(SOMEBODY);
  process.setuid(SOMEBODY);
}
const cwd = `${folder}/project`;
const git = (at, ...args) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
    cwd: at,
    encoding: 'utf8',
  });

mkdirSync(`${cwd}/closed`, { recursive: true });
git(cwd, 'init', '-q');
for (const name of ['a', 'tracked', 'closed/inside']) writeFileSync(`${cwd}/${name}`, `${name}\n`);
git(cwd, 'add', '--all');
git(cwd, 'commit', '-qm', 'first');
writeFileSync(`${cwd}/untracked`, 'u\n');
for (const name of ['tracked', 'untracked', 'closed']) chmodSync(`${cwd}/${name}`, 0);

const workspaces = createIsolatedWorkspaces(`${folder}/cache`, { readTimeout: 30_000 });
const workspace = await workspaces.create(cwd, `${folder}/session`);
const said = { leftOut: [...workspace.leftOut].sort(), status: git(workspace.folder, 'status', '--porcelain') };
git(workspace.folder, 'restore', '.');
said.restored = (await workspace.pending([]))?.files;
writeFileSync(`${workspace.folder}/a`, 'changed\n');
const applied = async () => workspace.apply(await workspace.pending([]), async () => undefined);
chmodSync(cwd, 0o555);
said.unwritable = (await applied()).map(({ reason }) => reason);
chmodSync(cwd, 0o755);
said.applied = await applied();
writeFileSync(`${workspace.folder}/untracked`, 'by the agent\n');
said.conflicts = (await applied()).map(({ path }) => path);
said.sizes = ['tracked', 'untracked'].map((name) => lstatSync(`${cwd}/${name}`).size);
chmodSync(`${cwd}/closed`, 0o700);
said.inside = existsSync(`${cwd}/closed/inside`);
rmSync(`${folder}/session`, { recursive: true });
process.stdout.write(JSON.stringify(said));
