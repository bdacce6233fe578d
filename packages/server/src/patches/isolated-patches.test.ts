import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateSessionRequest, Event } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { fill, look } from '../../test/isolated.js';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';
import type { ServerLimits } from '../limits.js';

/** What the demo agent of these tests can play beside its own scenarios. */
const SCENARIOS = {
  work: ['say: At work.', 'run: [sh, -c, "echo early > early.txt"]', 'wait_for_cancel: true'],
  where: ['run: [sh, -c, "pwd; echo here > here.txt"]'],
  pipe: ['run: [sh, -c, "mkfifo .gitignore; echo new > new.txt"]'],
  hooks: ['edits: [{path: .git/hooks/pre-commit, content: evil}]'],
};

/** A host with one session in an isolated workspace. */
async function openIsolated(
  request: Partial<CreateSessionRequest> = {},
  files: Record<string, string> = { 'a.txt': 'a\n' },
  limits: ServerLimits = {},
) {
  const opened = await openHost(
    async (_, cwd) => fill(cwd, files),
    (folder) => {
      const scenarios = join(folder, 'scenarios');
      mkdirSync(scenarios);
      for (const [name, steps] of Object.entries(SCENARIOS)) {
        const yaml = ['description: For tests.', 'steps:', ...steps.map((step) => `  - ${step}`), ''];
        writeFileSync(join(scenarios, `${name}.yaml`), yaml.join('\n'));
      }
      return {
        env: { ...process.env, PARLEY_DEMO_PACE: '0', PARLEY_DEMO_SCENARIOS: scenarios },
        limits: { patchIntervalMs: 20, copyReadTimeoutMs: 1_000, ...limits },
      };
    },
  );
  const { cwd, folder } = opened;
  const { session_id: session } = await opened.host.create(owner, { cwd, workspace: 'isolated', ...request });
  const copy = join(folder, 'sessions', session, 'copy');
  /** The log once a turn has ended. */
  async function turn(words: string): Promise<Event[]> {
    const { answer } = await opened.say(session, words);
    return opened.until(session, endOf(answer.turn_id));
  }
  return Object.assign(opened, { session, copy, turn, file: join(cwd, 'sort.ts') });
}

describe('in an isolated workspace', () => {
  it('an edit needs no approval, and is a patch; applied it is in the files, reverted it is not', async () => {
    const { host, cwd, copy, session, turn, file, until } = await openIsolated();
    const events = await turn('sort');
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'policy', decision: 'allow_once' });
    const summary = last(events, 'patch_updated')?.patch;
    expect(summary).toMatchObject({ files: [{ path: 'sort.ts', change: 'added' }], deletions: 0 });
    expect(events.at(-1)?.type).toBe('turn_completed');
    expect(existsSync(file)).toBe(false);
    expect(host.get(owner, session)).toMatchObject({ cwd, workspace: 'isolated', patch: summary });

    const patch = await host.getPatch(owner, session);
    expect(patch).toMatchObject({ patch_id: summary?.patch_id, exact: true, applicable: true, conflicts: [] });
    expect(patch.diff).toContain('+export function sort');
    const { patch_id } = patch;
    const key = { ...owner, idempotencyKey: 'once' };
    const answer = await host.applyPatch(key, session, { patch_id });
    expect(answer).toMatchObject({ status: 'applied', patch_id, files: patch.files });
    expect(await host.applyPatch(key, session, { patch_id })).toEqual(answer);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(copy, 'sort.ts'), 'utf8'));
    expect(host.get(owner, session).patch).toBeNull();
    await expect(host.getPatch(owner, session)).rejects.toMatchObject({ code: 'NoPendingPatch' });

    await host.revertPatch(owner, session, { patch_id });
    expect(existsSync(file)).toBe(false);
    expect((await until(session, is('patch_reverted'))).at(-1)).toMatchObject({
      type: 'patch_updated',
      patch: { patch_id },
    });
    await host.applyPatch(owner, session, { patch_id });
    expect(existsSync(file)).toBe(true);
  });

  itInAll('the agent works in the copy, and is shown at work in the directory', async () => {
    const { cwd, copy, turn, folder } = await openIsolated({ approval_policy: 'auto' });
    const events = await turn('/where');
    const call = events.findLast((event) => event.type === 'item_completed' && event.item.type === 'tool_call');
    expect(JSON.stringify(call)).toContain(JSON.stringify(`${cwd}\n`).slice(1, -1));
    await turn('sort');
    expect(readFileSync(join(copy, 'here.txt'), 'utf8')).toBe('here\n');
    expect(JSON.stringify(await turn('/edits'))).not.toContain(join(folder, 'sessions'));
    expect(Object.keys(look(cwd))).toEqual(['a.txt']);
  });

  itInAll('commands are asked for as ever, and so are edits of what belongs to its git', async () => {
    const { host, session, say, until, copy } = await openIsolated();
    for (const words of ['/approve', '/hooks']) {
      const { turn_id } = (await say(session, words)).answer;
      await until(session, (event) => event.type === 'approval_requested' && event.turn_id === turn_id);
      const [approval] = host.get(owner, session).pending_approvals;
      expect(approval?.turn_id).toBe(turn_id);
      await host.submit(owner, session, {
        type: 'approval',
        approval_id: approval?.approval_id ?? '',
        decision: 'reject_once',
      });
      await until(session, endOf(turn_id));
    }
    expect(existsSync(join(copy, '.git/hooks/pre-commit'))).toBe(false);
  });

  itInAll('a policy that denies still lets files of the copy be edited, and no command be run', async () => {
    const { turn } = await openIsolated({ approval_policy: 'deny' });
    expect(last(await turn('sort'), 'approval_resolved')).toMatchObject({ by: 'policy', decision: 'allow_once' });
    expect(last(await turn('/approve'), 'approval_resolved')).toMatchObject({ by: 'policy', decision: 'reject_once' });
  });

  itInAll('a patch that is too large for an answer is cut, and says of which file', async () => {
    const { host, cwd, copy, session, turn } = await openIsolated({}, { 'a.txt': 'a\n' }, { maxPatchBytes: 8_000 });
    await turn('sort');
    fill(copy, { 'big.txt': 'line\n'.repeat(2_000), 'control.txt': '\u0001'.repeat(1_000) });
    const patch = await host.getPatch(owner, session);
    expect(patch.files).toMatchObject([
      { path: 'big.txt', additions: 2_000, omitted: 'too_large' },
      { path: 'control.txt', omitted: 'too_large' },
      { path: 'sort.ts' },
    ]);
    expect(patch.files[2]).not.toHaveProperty('omitted');
    expect(patch).toMatchObject({ exact: false, applicable: true });
    expect(patch.diff.match(/^diff --git.*$/gm)).toEqual(['diff --git a/sort.ts b/sort.ts']);
    expect(await host.applyPatch(owner, session, { patch_id: patch.patch_id })).toMatchObject({ status: 'applied' });
    expect(readFileSync(join(cwd, 'big.txt'), 'utf8')).toBe('line\n'.repeat(2_000));
  });

  itInAll('nobody waits for those who read: they share what they read, and it is told behind them', async () => {
    const { host, copy, session, turn, until } = await openIsolated();
    await turn('sort');
    fill(copy, { 'more.txt': 'more\n' });
    const { latest } = host.feed(owner, session);
    const reads = Array.from({ length: 100 }, () => host.getPatch(owner, session));
    const [first] = await Promise.all(reads);
    expect(first?.files.map(({ path }) => path)).toEqual(['more.txt', 'sort.ts']);
    for (const read of reads) expect(await read).toBe(first);
    expect(host.feed(owner, session).latest).toBe(latest);
    await until(session, (event) => event.type === 'patch_updated' && event.patch?.patch_id === first?.patch_id);
  });

  itInAll('the patch is told, and can be applied, while the turn runs', async () => {
    const { host, session, say, until, cwd } = await openIsolated({ approval_policy: 'auto' });
    const { turn_id } = (await say(session, '/work')).answer;
    const events = await until(session, is('patch_updated'));
    expect(last(events, 'patch_updated')).toMatchObject({ turn_id, patch: { files: [{ path: 'early.txt' }] } });
    await host.applyPatch(owner, session, {});
    expect(readFileSync(join(cwd, 'early.txt'), 'utf8')).toBe('early\n');
    expect(host.get(owner, session)).toMatchObject({ status: 'running', patch: null });
    await host.submit(owner, session, { type: 'interrupt' });
    const ended = await until(session, endOf(turn_id));
    expect(last(ended, 'patch_applied')).toMatchObject({ turn_id, failed: [], files: [{ path: 'early.txt' }] });
  });

  it('a conflict names the files and changes nothing; a patch that is another one by now is superseded', async () => {
    const { host, session, turn, cwd, copy, file } = await openIsolated();
    await turn('sort');
    const { patch_id } = await host.getPatch(owner, session);
    writeFileSync(file, 'mine\n');
    const before = look(cwd);
    const conflicts = [{ path: 'sort.ts', reason: 'is there already, with other content' }];
    expect(await host.getPatch(owner, session)).toMatchObject({ patch_id, applicable: false, conflicts });
    const refusal = { code: 'PatchConflict', details: [{ pointer: '/files/sort.ts' }] };
    await expect(host.applyPatch(owner, session, { patch_id })).rejects.toMatchObject(refusal);
    expect(look(cwd)).toEqual(before);
    fill(copy, { 'more.txt': 'more\n' });
    await expect(host.applyPatch(owner, session, { patch_id })).rejects.toMatchObject({ code: 'PatchSuperseded' });
    expect(host.get(owner, session).patch?.files).toHaveLength(2);
    await expect(host.revertPatch(owner, session, { patch_id })).rejects.toMatchObject({ code: 'NothingToRevert' });
  });

  itInAll('what cannot be written into the log does not land', async () => {
    const { host, session, turn, disk, file } = await openIsolated();
    await turn('sort');
    disk.trouble = 'refused';
    await expect(host.applyPatch(owner, session, {})).rejects.toMatchObject({ code: 'Unavailable' });
    expect(existsSync(file)).toBe(false);
    disk.trouble = 'none';
    await host.applyPatch(owner, session, {});
    expect(existsSync(file)).toBe(true);
  });

  itInAll('copy, pending patch and what was applied are there after a restart', async () => {
    const opened = await openIsolated();
    const { session, turn, file, cwd, copy } = opened;
    await turn('sort');
    const { patch_id } = await opened.host.getPatch(owner, session);
    await opened.host.applyPatch(owner, session, { patch_id });
    await turn('/edits');
    const pending = await opened.host.getPatch(owner, session);
    await opened.restart();
    expect(opened.host.get(owner, session).patch?.patch_id).toBe(pending.patch_id);
    expect(await opened.host.getPatch(owner, session)).toEqual(pending);
    await opened.host.revertPatch(owner, session, { patch_id });
    expect(existsSync(file)).toBe(false);
    await turn('sort');
    await opened.host.applyPatch(owner, session, {});
    expect(look(cwd)).toEqual(look(copy, (path) => path === '.git' || path.startsWith('.git/')));
  });

  itInAll('copies are removed when their session is closed, and at the start where there is no session', async () => {
    const opened = await openIsolated();
    const { session, turn, folder, cwd } = opened;
    await turn('sort');
    await opened.host.close(owner, session, { purge: false });
    const events = await opened.until(session, is('session_closed'));
    expect(events.slice(-2)).toMatchObject([{ type: 'patch_updated', patch: null }, { type: 'session_closed' }]);
    await expect(opened.host.getPatch(owner, session)).rejects.toMatchObject({ code: 'NoPendingPatch' });
    expect(readdirSync(join(folder, 'sessions'))).toEqual([]);
    const { session_id } = await opened.host.create(owner, { cwd, workspace: 'isolated' });
    fill(join(folder, 'sessions'), { [`${session}/copy/left`]: 'left\n', 'unknown/copy/left': 'left\n' });
    await opened.restart();
    expect(readdirSync(join(folder, 'sessions'))).toEqual([session_id]);
    await opened.host.close(owner, session_id, { purge: true });
    expect(readdirSync(join(folder, 'sessions'))).toEqual([]);
    expect(readdirSync(join(folder, 'sources'))).toHaveLength(1);
  });

  itInAll(
    'a copy that cannot be read blocks no session: its turns end, readers are told why, and it can be closed',
    async () => {
      const { host, session, turn, copy, cwd } = await openIsolated({ approval_policy: 'auto' });
      const events = await turn('/pipe');
      expect(last(events, 'turn_completed')).toMatchObject({ status: 'completed' });
      const notice = last(events, 'notice');
      expect(notice).toMatchObject({
        code: 'patch_unreadable',
        message: expect.stringContaining('did not end within'),
      });
      await expect(host.getPatch(owner, session)).rejects.toMatchObject({ code: 'Unavailable' });
      await expect(host.applyPatch(owner, session, {})).rejects.toMatchObject({ code: 'Unavailable' });
      rmSync(join(copy, '.gitignore'));
      await host.applyPatch(owner, session, {});
      expect(Object.keys(look(cwd))).toEqual(['a.txt', 'new.txt']);
      await turn('/pipe');
      await host.close(owner, session, { purge: true });
    },
  );

  itInAll('a landing that cannot be taken back keeps no server from starting', async () => {
    const opened = await openIsolated();
    const { session, folder, cwd, until } = opened;
    await opened.host.drain();
    const landing = { about: { kind: 'apply', patchId: 'x' }, staging: '.parley-x', steps: [], folders: [] };
    writeFileSync(join(folder, 'sessions', session, 'landing.json'), JSON.stringify(landing));
    renameSync(cwd, `${cwd}-moved`);
    await opened.restart();
    expect(last(await until(session, is('notice')), 'notice')).toMatchObject({ code: 'patch_left', level: 'error' });
    renameSync(`${cwd}-moved`, cwd);
    expect(last(await opened.turn('sort'), 'turn_completed')).toMatchObject({ status: 'completed' });
    await opened.host.applyPatch(owner, session, {});
    expect(existsSync(opened.file)).toBe(true);
  });

  itInAll('a copy that is lost hangs no session: it says so, its turns end, and it can be closed', async () => {
    const opened = await openIsolated();
    const { session, turn, folder } = opened;
    await turn('sort');
    await opened.host.drain();
    rmSync(join(folder, 'sessions', session), { recursive: true });
    await opened.restart();
    await expect(opened.host.getPatch(owner, session)).rejects.toMatchObject({ code: 'Unavailable' });
    expect(last(await turn('sort'), 'turn_completed')).toMatchObject({ status: 'failed', cause: 'agent_unavailable' });
    await opened.host.close(owner, session, { purge: false });
  });

  it('nothing is left of a session whose agent does not start', async () => {
    const silent = async (_: unknown, cwd: string) => fill(cwd, { mute: '' });
    const { host, cwd, folder } = await openHost(silent, { ...scripted(), limits: { agentStartTimeoutMs: 300 } });
    const created = host.create(owner, { cwd, workspace: 'isolated' });
    await expect(created).rejects.toMatchObject({ code: 'AgentUnavailable' });
    expect(readdirSync(join(folder, 'sessions'))).toEqual([]);
  });
});
