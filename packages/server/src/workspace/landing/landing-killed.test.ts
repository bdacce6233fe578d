import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { share } from '../../../../../scripts/test-forms.js';
import { fill, look, openProject } from '../../../test/isolated.js';
import { createIsolatedWorkspaces } from '../open-workspace.js';

const PROGRAM = fileURLToPath(new URL('../../../test/land-until-killed.mjs', import.meta.url));

/** More than a landing makes. */
const CHANGES = 50;

type State = 'before' | 'after';

/** A patch of every kind of change, and the two states of the directory that it may be in. */
async function openChanged() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'parley-killed-')));
  const files = {
    ...{ 'dir/changed': 'old\n', 'dir/gone': 'gone\n', 'dir/mode': 'x\n', link: { link: 'dir' } },
    ...{ 'to-folder': 'a file\n', 'to-file/deep/z': 'z\n', 'old/o': 'o\n' },
  };
  const { cwd, open } = await openProject(files, true, {}, join(root, 'now'));
  for (const [path, bits] of Object.entries({ old: 0o700, 'to-file': 0o700, 'to-file/deep': 0o770 })) {
    chmodSync(join(cwd, path), bits);
  }
  const { folder: copy, pending, apply } = await open();
  for (const name of ['dir/gone', 'link', 'to-folder', 'to-file']) rmSync(join(copy, name), { recursive: true });
  renameSync(join(copy, 'old'), join(copy, 'new'));
  fill(copy, { 'dir/changed': 'new\n', 'to-folder/deep/x': 'x\n', 'to-file': 'a file\n', link: 'a file now\n' });
  fill(copy, { 'made/deep/y': { text: 'y\n', mode: 0o755 } });
  chmodSync(join(copy, 'dir/mode'), 0o755);

  const change = (await pending([])) ?? never();
  const applied = [change.patchId];
  const [folder, log] = [join(root, 'now/session-1'), join(root, 'now/log.json')];
  const seen = { before: look(cwd), after: {} };
  const copyOf = (state: State) => join(root, state);
  const save = (state: State, says: readonly string[]) => {
    writeFileSync(log, JSON.stringify(says));
    execFileSync('cp', ['-a', join(root, 'now'), copyOf(state)]);
  };
  save('before', []);
  expect(await apply(change, async () => undefined)).toEqual([]);
  seen.after = look(cwd);
  save('after', applied);

  return {
    close: () => rmSync(root, { recursive: true }),

    /** The state that the log says. */
    readLog: (): State => (JSON.parse(readFileSync(log, 'utf8')).length === 0 ? 'before' : 'after'),

    /** Brings everything into a state. */
    reset(state: State) {
      rmSync(join(root, 'now'), { recursive: true });
      execFileSync('cp', ['-a', copyOf(state), join(root, 'now')]);
    },

    /** Applies or reverts in a process that is killed before its `at`th change of a file; false if it ended before. */
    landUntil(at: number): boolean {
      const env = { ...process.env, DIE_AT: String(at) };
      const { signal, status, stderr } = spawnSync(process.execPath, [PROGRAM, cwd, folder, log], { env });
      if (signal === null) expect([status, stderr.toString()]).toEqual([0, '']);
      return signal === 'SIGKILL';
    },

    /** What a restart makes of the directory, beside what the log wants it to be. */
    async recover(says: State) {
      const workspace = await createIsolatedWorkspaces(`${folder}-cache`, { readTimeout: 30_000 }).reopen(cwd, folder);
      expect(await workspace.recover(says === 'before' ? [] : applied)).toEqual([]);
      return { found: look(cwd), wanted: seen[says] };
    },
  };
}

describe('a landing that is killed', () => {
  let changed: Awaited<ReturnType<typeof openChanged>>;
  beforeAll(async () => {
    changed = await openChanged();
    return () => changed.close();
  });

  describe.each([
    ['apply', 'before', 'after'],
    ['revert', 'after', 'before'],
  ] as const)('before any of its changes is finished or undone after it, as the log says: %s', (_, start, end) => {
    it.each([...share(CHANGES, CHANGES, 4), CHANGES])('before change %i', async (at) => {
      const { reset, landUntil, readLog, recover } = changed;
      reset(start);
      const killed = landUntil(at);
      // Not a proof unless it is killed while it writes, and there is no later change than those that are tried.
      if (at <= CHANGES / 2) expect(killed).toBe(true);
      if (at === CHANGES) expect(killed).toBe(false);
      const says = readLog();
      if (!killed) expect(says).toBe(end);
      const { found, wanted } = await recover(says);
      expect(found).toEqual(wanted);
    });
  });

  it.each([...share(35, 35, 4)])(
    'is finished or undone also when the restart is killed before any of its changes: change %i',
    async (at) => {
      const { reset, landUntil, readLog, recover } = changed;
      reset('before');
      expect(landUntil(30)).toBe(true);
      expect(landUntil(at)).toBe(true);
      const { found, wanted } = await recover(readLog());
      expect(found).toEqual(wanted);
    },
  );
});

function never(): never {
  throw new Error('nothing is pending');
}
