import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeptPatches } from './kept-patches.js';
import { planFiles } from './planned-file.js';

let folder: string;
let cwd: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-kept-'));
  cwd = mkdtempSync(join(tmpdir(), 'parley-cwd-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(cwd, { recursive: true, force: true });
});

async function patched() {
  writeFileSync(join(cwd, 'old'), Buffer.from([1, 0, 255]), { mode: 0o755 });
  const kept = createKeptPatches(join(folder, 'kept'));
  const files = await planFiles(cwd, [
    { path: 'old', oldText: null, newText: 'new' },
    { path: 'added', oldText: null, newText: 'new' },
  ]);
  await kept.keep('p', files);
  writeFileSync(join(cwd, 'old'), 'new');
  writeFileSync(join(cwd, 'added'), 'new');
  await kept.landed('p', ['old', 'added']);
  return kept;
}

it('puts bytes and modes back, and removes what was added', async () => {
  await patched();
  // Another process may do it.
  expect(await createKeptPatches(join(folder, 'kept')).restore('p')).toEqual([]);
  expect([...readFileSync(join(cwd, 'old'))]).toEqual([1, 0, 255]);
  expect(statSync(join(cwd, 'old')).mode & 0o777).toBe(0o755);
  expect(existsSync(join(cwd, 'added'))).toBe(false);
});

it('changes nothing when one of the files has changed since', async () => {
  const kept = await patched();
  writeFileSync(join(cwd, 'added'), 'mine');
  expect(await kept.restore('p')).toEqual([{ path: 'added', reason: 'has changed since the patch was applied' }]);
  expect(readFileSync(join(cwd, 'old'), 'utf8')).toBe('new');
});

it('changes nothing when it breaks off in the middle', async () => {
  const kept = await patched();
  writeFileSync(join(cwd, 'second'), 'old');
  await kept.keep(
    'q',
    await planFiles(
      cwd,
      ['old', 'second'].map((path) => ({ path, oldText: null, newText: 'newer' })),
    ),
  );
  for (const path of ['old', 'second']) writeFileSync(join(cwd, path), 'newer');
  await kept.landed('q', ['old', 'second']);
  // Somebody has cleared away what was kept of the second file.
  rmSync(join(folder, 'kept', 'q', '1'));
  await expect(kept.restore('q')).rejects.toThrow('ENOENT');
  expect(readFileSync(join(cwd, 'old'), 'utf8')).toBe('newer');
  expect(readFileSync(join(cwd, 'second'), 'utf8')).toBe('newer');
});
