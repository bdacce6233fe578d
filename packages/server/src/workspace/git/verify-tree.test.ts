import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fill, openProject } from '../../../test/isolated.js';
import { createGit, type Git } from './git.js';
import { openStore } from './store.js';
import { writeTree } from './write-tree.js';

/** A git that sees other folders at the moment in which it reads files: somebody swaps them, and swaps them back. */
function swapping(git: Git, swap: () => void): Git {
  const run: Git['run'] = async (args, call) => {
    if (!args.includes('--add')) return git.run(args, call);
    swap();
    try {
      return await git.run(args, call);
    } finally {
      swap();
    }
  };
  return { ...git, run };
}

it('what is recorded is what is in the folder, whatever git was led to while it read', async () => {
  const { cwd, folder } = await openProject({ a: 'a\n', 'dir/f': 'mine\n', 'dir/deep/\u00e9': 'mine\n' }, false);
  fill(folder, { 'secret/f': 'secret\n', 'secret/only-there': 'secret\n', 'secret/deep/\u00e9': { link: '/secret' } });
  const git = createGit();
  const store = await openStore(git, join(folder, 'store'));
  const recorded = { gitDir: store, index: join(store, 'index'), workTree: cwd, prefix: '' };
  const swap = () => {
    renameSync(join(cwd, 'dir'), join(folder, 'aside'));
    renameSync(join(folder, 'secret'), join(cwd, 'dir'));
    renameSync(join(folder, 'aside'), join(folder, 'secret'));
  };
  const paths = ['a', 'dir/f', 'dir/only-there', `dir/deep/${Buffer.from('\u00e9').toString('latin1')}`];
  const show = async (tree: string) =>
    (await git.run(['archive', tree], { cwd: store, gitDir: store })).stdout.toString();
  const tree = await writeTree(swapping(git, swap), recorded, [], paths);
  expect(await show(tree)).not.toContain('secret');
  expect(await git.line(['ls-tree', '-r', '--name-only', '-z', tree], { cwd: store, gitDir: store })).toBe(
    ['a', 'dir/deep/\u00e9', 'dir/f', ''].join('\0'),
  );
  // The next look finds nothing to change.
  expect(await writeTree(git, recorded, paths, paths)).toBe(tree);
});
