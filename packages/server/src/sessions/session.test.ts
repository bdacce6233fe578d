import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';

async function openSession(approval_policy: 'ask' | 'auto' | 'deny' = 'ask') {
  const opened = await openHost();
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd, approval_policy });
  return Object.assign(opened, { id });
}

describe('a session', () => {
  it('does the main job: answer, patch, consent, file, end', async () => {
    const { id, host, cwd, say, until } = await openSession();
    const { answer } = await say(id, '请帮我实现一个排序函数');
    expect(answer.status).toBe('submitted');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    expect(host.get(owner, id).status).toBe('awaiting_approval');
    const patch = await host.getPatch(owner, id);
    expect(patch).toMatchObject({ exact: true, applicable: true, files: [{ path: 'sort.ts', change: 'added' }] });
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
    const applied = await host.applyPatch(owner, id, { patch_id: patch.patch_id });
    expect(applied).toMatchObject({ status: 'applied', patch_id: patch.patch_id });
    expect(readFileSync(join(cwd, 'sort.ts'), 'utf8')).toContain('export function sort');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'completed',
      cause: 'end_turn',
      turn_id: answer.turn_id,
    });
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'user', decision: 'allow_once' });
    expect(last(events, 'patch_applied')).toMatchObject({
      files: [{ path: 'sort.ts' }],
      failed: [],
      turn_id: answer.turn_id,
    });
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', patch: null, pending_approvals: [], turn_id: null });
  });

  it('takes an applied patch back, and only the last one', async () => {
    const { id, host, cwd, say, until } = await openSession();
    writeFileSync(join(cwd, 'sort.ts'), 'old\n');
    await say(id, 'sort');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    const { patch_id } = await host.applyPatch(owner, id, {});
    await expect(host.revertPatch(owner, id, { patch_id: id })).rejects.toMatchObject({ code: 'NothingToRevert' });
    expect(await host.revertPatch(owner, id, { patch_id })).toMatchObject({ status: 'reverted' });
    expect(readFileSync(join(cwd, 'sort.ts'), 'utf8')).toBe('old\n');
    await expect(host.revertPatch(owner, id, { patch_id })).rejects.toMatchObject({ code: 'NothingToRevert' });
  });

  itInAll(
    'can still be reverted after a restart, which forgets what is kept of patches that never landed',
    async () => {
      const opened = await openSession();
      const { id, folder, cwd, say, until } = opened;
      await say(id, 'sort');
      await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
      const { patch_id } = await opened.host.applyPatch(owner, id, {});
      await until(id, is('turn_completed'));
      const kept = join(folder, 'sessions', id);
      mkdirSync(join(kept, id));
      writeFileSync(join(kept, id, 'files.json'), '[]');
      await opened.restart();
      expect(readdirSync(kept)).toEqual([patch_id]);
      expect(await opened.host.revertPatch(owner, id, { patch_id })).toMatchObject({ status: 'reverted' });
      expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
      expect(readdirSync(kept)).toEqual([]);
    },
  );

  itInAll('applies several edits together, and refuses a patch that has been superseded', async () => {
    const { id, host, cwd, say, until } = await openSession();
    await say(id, '/edits');
    await until(id, (event) => event.type === 'patch_updated' && event.patch?.files.length === 2);
    await expect(host.applyPatch(owner, id, { patch_id: id })).rejects.toMatchObject({ code: 'PatchSuperseded' });
    expect((await host.applyPatch(owner, id, {})).files.map(({ path }) => path).sort()).toEqual([
      'src/greet.ts',
      'src/index.ts',
    ]);
    expect(existsSync(join(cwd, 'src/greet.ts'))).toBe(true);
    await until(id, is('turn_completed'));
    await expect(host.getPatch(owner, id)).rejects.toMatchObject({ code: 'NoPendingPatch' });
  });

  it('gives an approval to the first answer, and writes nothing when it is rejected', async () => {
    const { id, host, cwd, say, until } = await openSession();
    await say(id, 'sort');
    const asked = last(await until(id, is('approval_requested')), 'approval_requested');
    const approval_id = asked?.approval.approval_id ?? '';
    const answer = { type: 'approval', approval_id } as const;
    await expect(host.submit(owner, id, answer)).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(host.submit(owner, id, { ...answer, option_id: 'none' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/option_id' }],
    });
    await expect(host.submit(owner, id, { ...answer, approval_id: id, decision: 'allow_once' })).rejects.toMatchObject({
      code: 'ApprovalNotFound',
    });
    await host.submit(owner, id, { ...answer, decision: 'reject_once' });
    await expect(host.submit(owner, id, { ...answer, decision: 'allow_once' })).rejects.toMatchObject({
      code: 'ApprovalResolved',
    });
    await until(id, is('turn_completed'));
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(false);
  });

  it.each(['auto', 'deny'] as const)('answers by policy: %s', async (policy) => {
    const { id, cwd, say, until } = await openSession(policy);
    await say(id, 'sort');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'approval_resolved')).toMatchObject({
      by: 'policy',
      decision: policy === 'auto' ? 'allow_once' : 'reject_once',
    });
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(policy === 'auto');
  });

  it('rejects an approval that nobody answers in time', async () => {
    const { host, cwd, say, until } = await openHost();
    const { session_id: id } = await host.create(owner, { cwd, approval_timeout: 1_000 });
    await say(id, 'sort');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'timeout', decision: 'reject_once' });
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', patch: null });
  });

  it('asks the user, checks the answer against the form, and hands it on', async () => {
    const { id, host, say, until } = await openSession();
    await say(id, '/ask');
    const asked = last(await until(id, is('elicitation_requested')), 'elicitation_requested');
    const elicitation_id = asked?.elicitation.elicitation_id ?? '';
    const answer = { type: 'elicitation', elicitation_id, action: 'accept' } as const;
    await expect(host.submit(owner, id, { ...answer, content: { language: 'Cobol' } })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/content/language' }],
    });
    await host.submit(owner, id, { ...answer, content: { language: 'Rust' } });
    const events = await until(id, is('turn_completed'));
    expect(JSON.stringify(last(events, 'item_completed'))).toContain('Rust');
  });

  itInAll('ends a queued turn that an interrupt names, and no other', async () => {
    const { id, host, say, until } = await openSession();
    const { answer: first } = await say(id, '/wait');
    await until(id, is('turn_started'));
    const [{ answer: second }, { answer: third }] = [await say(id, 'sort'), await say(id, '/refuse')];
    const interrupt = { type: 'interrupt', turn_id: second.turn_id } as const;
    const { answer } = await host.submit(owner, id, interrupt);
    const { turn_id, queued_turns } = host.get(owner, id);
    expect([turn_id, queued_turns.map((queued) => queued.turn_id)]).toEqual([first.turn_id, [third.turn_id]]);
    // Once more is once too late, and does nothing.
    await host.submit(owner, id, interrupt);
    await host.submit(owner, id, { type: 'interrupt', turn_id: first.turn_id });
    const events = await until(id, endOf(third.turn_id));
    expect(events[answer.event_id]).toEqual({
      ...{ type: 'turn_completed', turn_id: second.turn_id, submission_id: second.submission_id },
      ...{ status: 'interrupted', cause: 'interrupted' },
    });
    const started = events.flatMap((event) => (event.type === 'turn_started' ? [event.turn_id] : []));
    expect(started).toEqual([first.turn_id, third.turn_id]);
    expect(events.filter(is('turn_completed'))).toHaveLength(3);
  });

  it('queues messages while a turn runs, and interrupts the one and clears the others', async () => {
    const { id, host, say, until } = await openSession();
    const { answer: first } = await say(id, '/wait');
    await until(id, is('turn_started'));
    const { answer: second } = await say(id, 'sort');
    expect(host.get(owner, id).queued_turns).toMatchObject([{ turn_id: second.turn_id }]);
    await host.submit(owner, id, { type: 'interrupt', clear_queue: true });
    const events = await until(id, endOf(first.turn_id));
    for (const turn_id of [first.turn_id, second.turn_id]) {
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'turn_completed', turn_id, status: 'interrupted' }),
      );
    }
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', queued_turns: [] });
  });

  it('ends the turn of an agent that dies with the facts, and starts it again for the next message', async () => {
    const { id, host, cwd, say, until } = await openSession('auto');
    await say(id, '/crash');
    const events = await until(id, is('turn_completed'));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'failed',
      cause: 'agent_exited',
      error: { code: 'agent_exited', exit_code: 3 },
    });
    const { answer } = await say(id, 'sort');
    await until(id, endOf(answer.turn_id));
    expect(existsSync(join(cwd, 'sort.ts'))).toBe(true);
    expect(host.get(owner, id).last_error).toBeNull();
  });

  it.each([
    ['/refuse', { status: 'refused', cause: 'refusal' }],
    ['/fail', { status: 'failed', cause: 'agent_error' }],
    ['/limit', { status: 'limit_reached' }],
  ])('says how a turn ended: %s', async (prompt, end) => {
    const { id, say, until } = await openSession();
    await say(id, prompt);
    expect(last(await until(id, is('turn_completed')), 'turn_completed')).toMatchObject(end);
  });
});
