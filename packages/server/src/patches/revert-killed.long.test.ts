import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { share } from '../../../../scripts/test-forms.js';
import { fill, look } from '../../test/isolated.js';
import { temporaryFolder } from '../../test/start-server.js';
import { createKeptPatches } from './kept-patches.js';

const PROGRAM = fileURLToPath(new URL('../../test/revert-until-killed.mjs', import.meta.url));
const PATCH = '6b1f9d0e-1f0a-8c11-9a55-0c8d2f3e4a5b';

/** Files that a patch changes, adds and takes away, and the two states of the directory that they may be in. */
async function openPatched() {
  const root = await temporaryFolder();
  const [cwd, folder, log] = [join(root, 'project'), join(root, 'kept'), join(root, 'log.json')];
  mkdirSync(cwd);
  fill(cwd, { 'dir/one': 'old\n', two: { text: 'old\n', mode: 0o755 }, 'dir/gone': { text: 'gone\n', mode: 0o600 } });
  const before = look(cwd);
  const paths = ['dir/one', 'two', 'dir/gone', 'dir/added'];
  const files = paths.map((path) => ({ path, absolute: join(cwd, path) }));

  /** Brings files and log into the state after the patch. */
  async function patch() {
    const kept = createKeptPatches(folder, cwd);
    await kept.keep(PATCH, files);
    fill(cwd, { 'dir/one': 'new\n', two: 'new\n', 'dir/added': 'new\n' });
    chmodSync(join(cwd, 'two'), 0o644);
    rmSync(join(cwd, 'dir/gone'));
    await kept.landed(PATCH, new Map(), true);
    writeFileSync(log, JSON.stringify([PATCH]));
  }
  await patch();

  return {
    ...{ cwd, folder, before, after: look(cwd), patch },
    readLog: (): string[] => JSON.parse(readFileSync(log, 'utf8')),

    /** Reverts in a process that is killed before its `at`th change of a file; false if it ended before. */
    revertUntil(at: number): boolean {
      const env = { ...process.env, DIE_AT: String(at) };
      const { signal, status, stderr } = spawnSync(process.execPath, [PROGRAM, cwd, folder, log], { env });
      if (signal === null) expect([status, stderr.toString()]).toEqual([0, '']);
      return signal === 'SIGKILL';
    },
  };
}

it('a revert that is killed before any of its changes is whole after a restart, or none, as the log says', async () => {
  const { cwd, folder, before, after, patch, readLog, revertUntil } = await openPatched();
  let last = 0;
  for (const at of share()) {
    last = at;
    if (!revertUntil(at)) break;
    const says = readLog();
    const kept = createKeptPatches(folder, cwd);
    expect(await kept.recover(says)).toEqual([]);
    expect(look(cwd), `killed at ${at}`).toEqual(says.length === 0 ? before : after);
    expect(readdirSync(folder)).toEqual(says);
    if (says.length === 0) await patch();
    // What was taken back can be done again.
    expect(await kept.restore(PATCH, async () => undefined)).toEqual([]);
    expect(look(cwd), `killed at ${at}, and again`).toEqual(before);
    await patch();
  }
  // Not a proof unless it was killed while it wrote, and got through in the end.
  expect(last).toBeGreaterThan(12);
  expect(look(cwd)).toEqual(before);
  expect(existsSync(join(folder, PATCH))).toBe(false);
});

it('what the user changes after a revert was killed stays', async () => {
  const { cwd, folder, revertUntil, readLog } = await openPatched();
  let at = 0;
  while (readFileSync(join(cwd, 'dir/one'), 'utf8') === 'new\n') {
    expect(revertUntil(at)).toBe(true);
    at += 1;
  }
  writeFileSync(join(cwd, 'dir/one'), 'mine\n');
  const reason = 'has changed since the patch was being reverted';
  expect(await createKeptPatches(folder, cwd).recover(readLog())).toEqual([{ path: 'dir/one', reason }]);
  expect(readFileSync(join(cwd, 'dir/one'), 'utf8')).toBe('mine\n');
});
