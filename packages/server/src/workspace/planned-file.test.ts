import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/start-server.js';
import { planFiles, readFileIfAny } from './planned-file.js';

async function folders() {
  const folder = await temporaryFolder();
  const cwd = join(folder, 'cwd');
  await mkdir(cwd);
  return { folder, cwd };
}

const plan = async (cwd: string, path = 'a.txt') =>
  planFiles(cwd, [{ path: join(cwd, path), oldText: null, newText: 'new' }])[0]?.();

test('a file that is reached by a link is read and kept where its bytes are', async () => {
  const { cwd } = await folders();
  await writeFile(join(cwd, 'real.txt'), 'old');
  await symlink('real.txt', join(cwd, 'a.txt'));
  expect(await plan(cwd)).toMatchObject({
    path: 'a.txt',
    absolute: join(cwd, 'real.txt'),
    before: Buffer.from('old'),
    problem: undefined,
  });
});

test('a link to nothing yet counts as the place that it points at', async () => {
  const { folder, cwd } = await folders();
  await symlink('made-later.txt', join(cwd, 'inside'));
  await symlink(join(folder, 'outside.txt'), join(cwd, 'outside'));
  await symlink('outside', join(cwd, 'chain'));
  await symlink(join(folder, 'elsewhere'), join(cwd, 'folder'));
  expect(await plan(cwd, 'inside')).toMatchObject({ absolute: join(cwd, 'made-later.txt'), problem: undefined });
  const problem = 'lies outside the working directory';
  for (const path of ['outside', 'chain', 'folder/a.txt']) expect(await plan(cwd, path)).toMatchObject({ problem });
});

test('links that lead in a circle are a problem of their file', async () => {
  const { cwd } = await folders();
  await symlink('b', join(cwd, 'a'));
  await symlink('a', join(cwd, 'b'));
  expect((await plan(cwd, 'a'))?.problem).toMatch(/^cannot be read: ELOOP/);
});

test('a path that is not a file is a problem, and is never waited for', async () => {
  const { cwd } = await folders();
  await mkdir(join(cwd, 'folder'));
  execFileSync('mkfifo', [join(cwd, 'pipe')]);
  for (const path of ['folder', 'pipe']) {
    expect(await plan(cwd, path)).toMatchObject({ path, problem: `cannot be read: ${join(cwd, path)} is not a file` });
  }
});

test("the server's own files are not read, though they lie in the directory", async () => {
  const { cwd } = await folders();
  await mkdir(join(cwd, '.parley'));
  await writeFile(join(cwd, '.parley/access-token'), 'secret');
  await symlink('.parley/access-token', join(cwd, 'a.txt'));
  const edits = ['.parley/access-token', 'a.txt'].map((path) => ({ path, oldText: null, newText: 'new' }));
  const problem = "lies in the server's data directory";
  const planned = planFiles(cwd, edits, join(cwd, '.parley')).map((read) => read());
  expect(await Promise.all(planned)).toMatchObject([
    { before: null, problem },
    { before: null, problem },
  ]);
});

test('a link that comes onto the way after a path was resolved is not followed', async () => {
  const { folder, cwd } = await folders();
  await mkdir(join(folder, 'outside'));
  await writeFile(join(folder, 'outside/a.txt'), 'secret');
  await symlink(join(folder, 'outside'), join(cwd, 'folder'));
  await symlink(join(folder, 'outside/a.txt'), join(cwd, 'a.txt'));
  await expect(readFileIfAny(join(cwd, 'folder/a.txt'))).rejects.toThrow('is behind a link by now');
  await expect(readFileIfAny(join(cwd, 'a.txt'))).rejects.toThrow('ELOOP');
});

test('of a file that is too large nothing is read, and one that is too large to be kept is a problem', async () => {
  const { cwd } = await folders();
  const edits = [{ path: 'a.txt', oldText: null, newText: 'new' }];
  const [read] = planFiles(cwd, edits);
  await writeFile(join(cwd, 'a.txt'), '');
  await truncate(join(cwd, 'a.txt'), 16_777_217);
  expect(await read?.()).toMatchObject({ tooLarge: true, exists: true, before: null, problem: undefined });
  await truncate(join(cwd, 'a.txt'), 268_435_457);
  expect((await read?.())?.problem).toMatch(/^has more than 268435456 bytes/);
});

test('what an agent says of a file that is not UTF-8 is not all that would change', async () => {
  const { cwd } = await folders();
  const lines = (word: string) => `first\n${`${word}\n`.repeat(3)}last\n`;
  const files = {
    'utf-8.txt': Buffer.from(lines('r\u00e9sum\u00e9')),
    'latin-1.txt': Buffer.from(lines('r\u00e9sum\u00e9'), 'latin1'),
    'gbk.txt': Buffer.from([0x66, 0x69, 0x72, 0x73, 0x74, 0x0a, 0xd6, 0xd0, 0xb9, 0xfa]),
  };
  const exact: Record<string, unknown> = {};
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(cwd, name), bytes);
    exact[name] = (await planFiles(cwd, [{ path: name, oldText: 'first', newText: 'changed' }])[0]?.())?.exact;
  }
  expect(exact).toEqual({ 'utf-8.txt': true, 'latin-1.txt': false, 'gbk.txt': false });
});
