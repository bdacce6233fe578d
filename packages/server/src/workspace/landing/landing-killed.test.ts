import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fill, look, openProject } from '../../../test/isolated.js';
import { createIsolatedWorkspaces } from '../open-workspace.js';

const PROGRAM = fileURLToPath(new URL('../../../test/land-until-killed.mjs', import.meta.url));

/** A patch of every kind of change, and the two states of the directory that it may be in. */
async function openChanged() {
  const {
    cwd,
    folder: root,
    open,
  } = await openProject({
    ...{ 'dir/changed': 'old\n', 'dir/gone': 'gone\n', 'dir/mode': 'x\n', link: { link: 'dir' } },
    ...{ 'to-folder': 'a file\n', 'to-file/deep/z': 'z\n', 'old/o': 'o\n' },
  });
  for (const [path, bits] of Object.entries({ old: 0o700, 'to-file': 0o700, 'to-file/deep': 0o770 })) {
    chmodSync(join(cwd, path), bits);
  }
  const { folder: copy, pending, apply } = await open();
  for (const name of ['dir/gone', 'link', 'to-folder', 'to-file']) rmSync(join(copy, name), { recursive: true });
  renameSync(join(copy, 'old'), join(copy, 'new'));
  fill(copy, { 'dir/changed': 'new\n', 'to-folder/deep/x': 'x\n', 'to-file': 'a file\n', link: 'a file now\n' });
  fill(copy, { 'made/deep/y': { text: 'y\n', mode: 0o755 } });
  chmodSync(join(copy, 'dir/mode'), 0o755);

  const before = look(cwd);
  const change = (await pending([])) ?? never();
  expect(await apply(change, async () => undefined)).toEqual([]);
  const after = look(cwd);
  const [folder, log] = [join(root, 'session-1'), join(root, 'log.json')];
  const reopen = () => createIsolatedWorkspaces(`${folder}-cache`, { readTimeout: 30_000 }).reopen(cwd, folder);

  return {
    applied: [change.patchId],
    readLog: (): string[] => JSON.parse(readFileSync(log, 'utf8')),

    /** Brings the directory into the state that a log says. */
    async reset(says: readonly string[], wanted: readonly string[]) {
      const workspace = await reopen();
      const again = await workspace.pending(says);
      if (says.length > wanted.length) expect(await workspace.revert(says, async () => undefined)).toEqual([]);
      if (says.length < wanted.length) {
        expect(await workspace.apply(again ?? never(), async () => undefined)).toEqual([]);
      }
      writeFileSync(log, JSON.stringify(wanted));
    },

    /** Applies or reverts in a process that is killed before its `at`th change of a file; false if it ended before. */
    landUntil(at: number): boolean {
      const env = { ...process.env, DIE_AT: String(at) };
      const { signal, status, stderr } = spawnSync(process.execPath, [PROGRAM, cwd, folder, log], { env });
      if (signal === null) expect([status, stderr.toString()]).toEqual([0, '']);
      return signal === 'SIGKILL';
    },

    /** What a restart makes of the directory, beside what the log wants it to be. */
    async recover(says: readonly string[]) {
      expect(await (await reopen()).recover(says)).toEqual([]);
      return { found: look(cwd), wanted: says.length === 0 ? before : after };
    },
  };
}

describe('a landing that is killed', () => {
  it.each([
    ['apply', 0],
    ['revert', 1],
  ])(
    'before any of its changes is finished or undone after it, as the log says: %s',
    {
      timeout: 300_000,
    },
    async (_, count) => {
      const { applied, readLog, reset, landUntil, recover } = await openChanged();
      const start = applied.slice(0, count);
      await reset(applied, start);
      let at = 0;
      for (; landUntil(at); at += 1) {
        const says = readLog();
        const { found, wanted } = await recover(says);
        expect(found, `killed at ${at}`).toEqual(wanted);
        await reset(says, start);
      }
      // Not a proof unless it was killed while it wrote, and got through in the end.
      expect(at).toBeGreaterThan(25);
      expect(readLog()).toEqual(count === 0 ? applied : []);
    },
  );

  it('is finished or undone also when the restart is killed before any of its changes', {
    timeout: 300_000,
  }, async () => {
    const { applied, readLog, reset, landUntil, recover } = await openChanged();
    await reset(applied, []);
    for (let at = 0; at < 20; at += 1) {
      expect(landUntil(20)).toBe(true);
      expect(landUntil(at)).toBe(true);
      const says = readLog();
      const { found, wanted } = await recover(says);
      expect(found, `the restart killed at ${at}`).toEqual(wanted);
      await reset(says, []);
    }
  });
});

function never(): never {
  throw new Error('nothing is pending');
}
