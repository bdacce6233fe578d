import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/start-server.js';
import { createGit, MAX_COMPARED } from './git.js';
import { openStore } from './store.js';
import { diffTrees, writeDiff } from './tree-diff.js';
import { writeTree } from './write-tree.js';

const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

it('compares no file by line, and shows none, that would take much memory', async () => {
  const folder = await temporaryFolder();
  const git = createGit();
  const gitDir = await openStore(git, join(folder, 'store'));
  await writeFile(join(folder, 'lines'), Buffer.alloc(MAX_COMPARED + 1, '\n'));
  await writeFile(join(folder, 'small'), 'one\ntwo\n');
  await writeFile(join(folder, 'zeros'), Buffer.alloc(2 * MAX_COMPARED + 1));
  const recorded = { gitDir, index: join(gitDir, 'index'), workTree: folder, prefix: '' };
  const tree = await writeTree(git, recorded, [], ['lines', 'small', 'zeros']);
  const changes = await diffTrees(git, gitDir, EMPTY, tree);
  expect(changes.map(({ file: { path, additions, binary } }) => [path, additions, binary])).toEqual([
    ['lines', 0, true],
    ['small', 2, undefined],
    ['zeros', 0, true],
  ]);
  const { parts, whole } = await writeDiff(git, gitDir, { from: EMPTY, to: tree, changes }, 4_194_304);
  expect(whole).toBe(false);
  expect(parts.map((part) => part?.includes('+two'))).toEqual([undefined, true, undefined]);
});
