import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/start-server.js';
import { removeFolder } from './remove-folder.js';

const NOBODY = 65_534;

/** Root may write everywhere: for this it is nobody. */
async function withoutPower(folders: readonly string[], action: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return action();
  for (const folder of folders) chownSync(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    await action();
  } finally {
    process.seteuid?.(0);
  }
}

it('removes folders that are read-only, and follows no link', async () => {
  const root = await temporaryFolder();
  const [copy, cache, other] = [join(root, 'copy'), join(root, 'copy/cache'), join(root, 'other')];
  for (const folder of [copy, cache, other]) mkdirSync(folder);
  writeFileSync(join(cache, 'x.go'), 'x\n');
  writeFileSync(join(other, 'y'), 'y\n');
  symlinkSync(other, join(cache, 'link'));
  chmodSync(cache, 0o555);
  chmodSync(other, 0o500);
  await withoutPower([root, copy, cache, other], () => removeFolder(copy));
  expect(existsSync(copy)).toBe(false);
  expect(readFileSync(join(other, 'y'), 'utf8')).toBe('y\n');
});
