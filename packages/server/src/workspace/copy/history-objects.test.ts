import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../../scripts/test-forms.js';
import { fill, git, look, openProject } from '../../../test/isolated.js';
import { createGit } from '../git/git.js';
import { copyObjects } from './history-objects.js';

/** The user rewrites the whole history and cleans up. */
function rewrite(cwd: string): void {
  git(cwd, 'checkout', '-q', '--orphan', 'anew');
  fill(cwd, { a: 'anew\n' });
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '-qm', 'anew');
  for (const branch of ['main', 'side']) git(cwd, 'branch', '-qD', branch);
  git(cwd, 'reflog', 'expire', '--expire=now', '--all');
  git(cwd, 'gc', '-q', '--prune=now');
}

async function openWithHistory() {
  const opened = await openProject({ a: 'a\n' });
  git(opened.cwd, 'branch', 'side');
  git(opened.cwd, 'commit', '-q', '--allow-empty', '-m', 'second');
  git(opened.cwd, 'gc', '-q');
  fill(opened.cwd, { a: 'b\n' });
  git(opened.cwd, 'commit', '-qam', 'third');
  return opened;
}

describe('the history of a copy', () => {
  it('is there also when the user has rewritten it and cleaned up', async () => {
    const { cwd, open } = await openWithHistory();
    const { folder } = await open();
    rewrite(cwd);
    expect(git(folder, 'log', '--format=%s')).toBe('third\nsecond\nfirst\n');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    fill(folder, { a: 'c\n' });
    git(folder, 'commit', '-qam', 'by the agent');
    expect(git(folder, 'diff', '--stat', 'side', 'HEAD')).toContain('a | 2 +-');
    git(folder, 'fsck', '--connectivity-only');
  });

  itInAll('is there also when the user has moved the project', async () => {
    const { cwd, folder: outside, open } = await openWithHistory();
    const { folder } = await open();
    renameSync(cwd, join(outside, 'moved'));
    expect(git(folder, 'log', '--format=%s')).toBe('third\nsecond\nfirst\n');
  });

  itInAll('is no part of the user’s: the agent can write over it', async () => {
    const { cwd, open } = await openWithHistory();
    const before = look(join(cwd, '.git'));
    const { folder } = await open();
    const packs = join(folder, '.git/objects/pack');
    for (const name of readdirSync(packs)) {
      chmodSync(join(packs, name), 0o600);
      writeFileSync(join(packs, name), 'not a pack');
    }
    expect(look(join(cwd, '.git'))).toEqual(before);
  });

  itInAll('is not waited for where a pipe is in place of it, and no link is followed', async () => {
    const { cwd, folder: outside, open } = await openWithHistory();
    const objects = join(cwd, '.git/objects');
    mkdirSync(join(objects, 'ff'), { recursive: true });
    execFileSync('mkfifo', [join(objects, 'ff', '0'.repeat(38)), join(objects, `pack/pack-${'0'.repeat(40)}.pack`)]);
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(join(outside, 'secret'), join(objects, 'ff', '1'.repeat(38)));
    const { folder } = await open();
    const copied = join(folder, '.git/objects');
    expect(readdirSync(copied)).not.toContain('ff');
    expect(readdirSync(join(copied, 'pack'))).toHaveLength(2);
  });

  itInAll('is one pack where it has many objects', async () => {
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`f${at}`, `${at}\n`]));
    const { cwd, open } = await openProject({ a: 'a\n', ...many });
    const { folder } = await open();
    const objects = join(folder, '.git/objects');
    expect(readdirSync(objects).sort()).toEqual(['info', 'pack']);
    mkdirSync(join(cwd, '.git/objects/00'), { recursive: true });
    execFileSync('mkfifo', [join(cwd, '.git/objects/00', '0'.repeat(38))]);
    expect(readdirSync(join((await open()).folder, '.git/objects')).length).toBeGreaterThan(200);
    git(cwd, 'branch', 'side');
    rmSync(join(cwd, '.git/objects/00', '0'.repeat(38)));
    rewrite(cwd);
    expect(git(folder, 'log', '--format=%s')).toBe('first\n');
    expect(git(folder, 'show', 'HEAD:f599')).toBe('599\n');
  });

  itInAll('has the newest of it where it is large', async () => {
    const { cwd } = await openWithHistory();
    git(cwd, 'gc', '-q');
    git(cwd, 'clone', '-q', '--bare', '--shared', cwd, '../copy');
    const to = join(cwd, '../copy/objects');
    rmSync(join(to, 'info/alternates'));
    await copyObjects(createGit(), { top: cwd, from: join(cwd, '.git/objects'), to }, 1);
    expect(git(join(to, '..'), 'log', '--format=%s')).toBe('third\nsecond\nfirst\n');
    expect(statSync(join(to, 'pack')).isDirectory()).toBe(true);
  });

  itInAll('is read through no link where it is large', async () => {
    const { cwd } = await openWithHistory();
    git(cwd, 'gc', '-q');
    const from = join(cwd, '.git/objects');
    renameSync(join(from, 'pack'), join(cwd, '../pack'));
    symlinkSync(join(cwd, '../pack'), join(from, 'pack'));
    const to = join(cwd, '../objects');
    fill(from, { [`ff/${'0'.repeat(38)}`]: 'large' });
    await copyObjects(createGit(), { top: cwd, from, to }, 1);
    expect(readdirSync(join(to, 'pack'))).toEqual([]);
  });
});
