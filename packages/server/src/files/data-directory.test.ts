import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataDirectory } from './data-directory.js';

const built = new URL('../../dist/files/data-directory.js', import.meta.url).href;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-data-'));
  path = join(folder, 'state', 'parley');
});

afterEach(() => rm(folder, { recursive: true }));

/** Another process that tries to take the directory; it keeps what it got until it is killed. */
async function taker() {
  const script = `
    const { openDataDirectory } = await import(${JSON.stringify(built)});
    const outcome = await openDataDirectory(${JSON.stringify(path)}).then(() => 'taken', (error) => error.message);
    process.stdout.write(outcome);
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [outcome] = await once(child.stdout, 'data');
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { outcome: String(outcome), pid: child.pid, kill };
}

test('says so where it cannot be created', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const bad of [join(folder, 'file'), join(folder, 'file', 'state')]) {
    await expect(openDataDirectory(bad)).rejects.toMatchObject({
      option: 'dataDir',
      message: expect.stringContaining(`expected a folder that this user can create and write, got ${bad}`),
    });
  }
});

test('creates the folder only for its owner, and leaves no pid file behind', async () => {
  const directory = await openDataDirectory(path);
  expect(directory.path).toBe(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  await directory.release();
  expect(await readdir(path)).toEqual(['lock']);
});

test('refuses a second server in another process and names the pid of the first', async () => {
  const directory = await openDataDirectory(path);
  const second = await taker();
  await second.kill();
  expect(second.outcome).toContain(`is in use by the process with pid ${process.pid}`);
  await directory.release();
});

test('refuses a second server in the same process', async () => {
  const directory = await openDataDirectory(path);
  await expect(openDataDirectory(path)).rejects.toMatchObject({ name: 'DataDirectoryInUse', pid: process.pid });
  await directory.release();
  await (await openDataDirectory(path)).release();
});

test('takes the folder of a server that was killed', async () => {
  const first = await taker();
  expect(first.outcome).toBe('taken');
  await expect(openDataDirectory(path)).rejects.toMatchObject({ pid: first.pid });
  await first.kill();
  await (await openDataDirectory(path)).release();
});

test('lets exactly one of many that come at once have it', async () => {
  const takers = await Promise.all(Array.from({ length: 6 }, taker));
  expect(takers.filter((one) => one.outcome === 'taken')).toHaveLength(1);
  await Promise.all(takers.map((one) => one.kill()));
});
