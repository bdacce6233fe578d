import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeptPatches } from './kept-patches.js';

let folder: string;
let cwd: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-kept-'));
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'parley-cwd-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(cwd, { recursive: true, force: true });
});

const inLog = async () => undefined;
const filesOf = (...paths: string[]) => paths.map((path) => ({ path, absolute: join(cwd, path) }));

async function patched() {
  writeFileSync(join(cwd, 'old'), Buffer.from([1, 0, 255]), { mode: 0o755 });
  const kept = createKeptPatches(join(folder, 'kept'), cwd);
  await kept.keep('p', filesOf('old', 'added'));
  writeFileSync(join(cwd, 'old'), 'new');
  writeFileSync(join(cwd, 'added'), 'new');
  expect(await kept.landed('p', new Map(), true)).toEqual([]);
  return kept;
}

it('puts bytes and modes back, and removes what was added', async () => {
  await patched();
  // Another process may do it.
  expect(await createKeptPatches(join(folder, 'kept'), cwd).restore('p', inLog)).toEqual([]);
  expect([...readFileSync(join(cwd, 'old'))]).toEqual([1, 0, 255]);
  expect(statSync(join(cwd, 'old')).mode & 0o777).toBe(0o755);
  expect(existsSync(join(cwd, 'added'))).toBe(false);
});

it('changes nothing when one of the files has changed since', async () => {
  const kept = await patched();
  writeFileSync(join(cwd, 'added'), 'mine');
  expect(await kept.restore('p', inLog)).toEqual([
    { path: 'added', reason: 'has changed since the patch was applied' },
  ]);
  expect(readFileSync(join(cwd, 'old'), 'utf8')).toBe('new');
});

it('changes nothing when it breaks off in the middle', async () => {
  const kept = await patched();
  writeFileSync(join(cwd, 'second'), 'old');
  await kept.keep('q', filesOf('old', 'second'));
  for (const path of ['old', 'second']) writeFileSync(join(cwd, path), 'newer');
  await kept.landed('q', new Map(), true);
  // Somebody has cleared away what was kept of the second file.
  rmSync(join(folder, 'kept', 'q', '1'));
  await expect(kept.restore('q', inLog)).rejects.toThrow('ENOENT');
  expect(readFileSync(join(cwd, 'old'), 'utf8')).toBe('newer');
  expect(readFileSync(join(cwd, 'second'), 'utf8')).toBe('newer');
});

it.each(['the file', 'its folder'])(
  'writes nothing outside when %s is a link by now, whatever it leads to',
  async (what) => {
    mkdirSync(join(cwd, 'inner'));
    writeFileSync(join(cwd, 'inner/file'), 'old');
    const kept = createKeptPatches(join(folder, 'kept'), cwd);
    await kept.keep('p', filesOf('inner/file'));
    writeFileSync(join(cwd, 'inner/file'), 'new');
    await kept.landed('p', new Map(), true);
    // The same bytes, elsewhere: to a comparison alone nothing has changed.
    const outside = join(folder, 'outside');
    renameSync(join(cwd, 'inner'), outside);
    if (what === 'its folder') symlinkSync(outside, join(cwd, 'inner'));
    else {
      mkdirSync(join(cwd, 'inner'));
      symlinkSync(join(outside, 'file'), join(cwd, 'inner/file'));
    }
    expect(await kept.restore('p', inLog)).toEqual([{ path: 'inner/file', reason: 'is behind a link by now' }]);
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('new');
  },
);

it('leaves nothing but the files themselves, and opens no name that was laid out for it', async () => {
  const kept = await patched();
  const outside = join(folder, 'outside');
  writeFileSync(outside, 'mine');
  symlinkSync(outside, join(cwd, `old.parley-${process.pid}`));
  expect(await kept.restore('p', inLog)).toEqual([]);
  expect(readFileSync(outside, 'utf8')).toBe('mine');
  expect(readdirSync(cwd).sort()).toEqual(['old', `old.parley-${process.pid}`]);
});

it('changes nothing and can be repeated when the log refuses it', async () => {
  const kept = await patched();
  chmodSync(join(cwd, 'old'), 0o640);
  const refused = async () => {
    throw new Error('the disk is full');
  };
  await expect(kept.restore('p', refused)).rejects.toThrow('the disk is full');
  expect(readFileSync(join(cwd, 'old'), 'utf8')).toBe('new');
  expect(statSync(join(cwd, 'old')).mode & 0o777).toBe(0o640);
  expect(readdirSync(cwd).sort()).toEqual(['added', 'old']);
  expect(await kept.restore('p', inLog)).toEqual([]);
  expect(readdirSync(cwd)).toEqual(['old']);
});

it('takes a file that somebody has put back already as done', async () => {
  const kept = await patched();
  rmSync(join(cwd, 'added'));
  expect(await kept.restore('p', inLog)).toEqual([]);
  expect([...readFileSync(join(cwd, 'old'))]).toEqual([1, 0, 255]);
});

it('names what is as it was before, unless it was to be so', async () => {
  const kept = createKeptPatches(join(folder, 'kept'), cwd);
  for (const name of ['same', 'to be same', 'other']) writeFileSync(join(cwd, name), 'old');
  await kept.keep('p', filesOf('same', 'to be same', 'other', 'missing'));
  writeFileSync(join(cwd, 'other'), 'new');
  const old = createHash('sha256').update('old').digest('hex');
  expect(await kept.landed('p', new Map([['to be same', old]]), true)).toMatchObject([
    { path: 'same' },
    { path: 'missing' },
  ]);
});
