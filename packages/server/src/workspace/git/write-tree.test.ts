import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/start-server.js';
import { createGit, withDefaults } from './git.js';
import { openStore } from './store.js';
import { writeTree } from './write-tree.js';

it('leaves nothing of what was being written when it is ended', async () => {
  const folder = await temporaryFolder();
  const stop = new AbortController();
  const git = withDefaults(createGit(), { signal: stop.signal });
  const store = await openStore(git, join(folder, 'store'));
  // It takes minutes to write, and no room.
  await writeFile(join(folder, 'huge'), '');
  await truncate(join(folder, 'huge'), 100 * 2 ** 30);
  const objects = async () => (await readdir(join(store, 'objects'), { recursive: true })).sort();
  const before = await objects();
  const recorded = { gitDir: store, index: join(store, 'index'), workTree: folder, prefix: '' };
  const failed = expect(writeTree(git, recorded, [], ['huge'])).rejects.toThrow('update-index ended with a signal');
  while (!(await objects()).some((path) => path.includes('tmp_pack'))) await delay(10);
  stop.abort();
  await failed;
  expect(await objects()).toEqual(before);
  expect(await readdir(store)).not.toContain('index.lock');
});
