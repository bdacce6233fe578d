import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, is, last, openHost, owner, type TestHostOptions } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

/** A session with the scripted agent. */
async function openSession(options: TestHostOptions, taking?: 'resume' | 'load' | 'forget') {
  const opened = await openHost(undefined, { ...scripted(taking), ...options });
  const { session_id: id } = await opened.host.create(owner, { cwd: opened.cwd });
  /** How many agents run. */
  const agents = () => readdirSync(join(opened.folder, 'agents')).length;
  return Object.assign(opened, { id, agents });
}

const silence = { limits: { maxTurnSilenceMs: 1_500 } };

describe('a turn whose agent falls silent', () => {
  it('is ended with its cause, and the next message starts the agent again', async () => {
    const { id, say, until } = await openSession(silence);
    const { answer } = await say(id, 'hang');
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'turn_completed')).toMatchObject({
      status: 'failed',
      cause: 'agent_unresponsive',
      error: { code: 'agent_unresponsive', message: expect.stringContaining('1500 ms') },
    });
    const next = await say(id, 'say hello');
    expect(last(await until(id, endOf(next.answer.turn_id)), 'turn_completed')).toMatchObject({ status: 'completed' });
  });

  itInAll('goes on while it gives signs of life', async () => {
    const { id, say, until } = await openSession({ limits: { maxTurnSilenceMs: 2_000 } });
    const { answer } = await say(id, 'live 9 250');
    expect(last(await until(id, endOf(answer.turn_id)), 'turn_completed')).toMatchObject({ status: 'completed' });
  });

  itInAll('answers an apply_patch that waits for the agent', async () => {
    const { id, host, say, until } = await openSession({ limits: { maxTurnSilenceMs: 1_500 } });
    const { answer } = await say(id, 'ask-and-hang');
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    await expect(host.applyPatch(owner, id, {})).rejects.toMatchObject({ code: 'PatchConflict' });
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'turn_completed')).toMatchObject({ cause: 'agent_unresponsive' });
    expect(last(events, 'patch_applied')).toMatchObject({ files: [], failed: [{ path: 'a.txt' }] });
  });

  it.each([
    ['ask', 'approval_resolved'],
    ['question', 'elicitation_resolved'],
  ] as const)('waits for a person as long as that takes: %s', async (prompt, resolved) => {
    const { host, cwd, say, until } = await openSession({ limits: { maxTurnSilenceMs: 800 } });
    const { session_id: id } = await host.create(owner, { cwd, approval_timeout: 1_000 });
    const { answer } = await say(id, prompt);
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, resolved)).toMatchObject({ by: 'timeout' });
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'completed' });
  });
});

describe('a question that nobody answers', () => {
  it('is cancelled at the deadline, though nobody is connected', async () => {
    const { host, cwd, say, until } = await openSession({});
    const { session_id: id } = await host.create(owner, { cwd, approval_timeout: 1_000 });
    const { answer } = await say(id, 'question');
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'elicitation_resolved')).toMatchObject({ by: 'timeout', action: 'cancel' });
    expect(JSON.stringify(last(events, 'item_completed'))).toContain('cancel');
    expect(host.get(owner, id)).toMatchObject({ status: 'idle', pending_elicitations: [] });
  });
});

describe('an interrupt', () => {
  const interrupt = { type: 'interrupt' } as const;

  itInAll('names a turn, and does not touch any other', async () => {
    const { id, host, say, until } = await openSession({});
    const { answer } = await say(id, 'wait');
    await until(id, is('item_started'));
    await host.submit(owner, id, { ...interrupt, turn_id: id });
    expect(host.get(owner, id).turn_id).toBe(answer.turn_id);
    await host.submit(owner, id, { ...interrupt, turn_id: answer.turn_id });
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
  });

  it('that the agent does not obey ends the agent, and the next message starts it again', async () => {
    const { id, host, say, until } = await openSession({ limits: { interruptGraceMs: 50 } });
    const { answer } = await say(id, 'hang');
    await until(id, is('item_started'));
    await host.submit(owner, id, interrupt);
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
    const next = await say(id, 'recall');
    expect(JSON.stringify(await until(id, endOf(next.answer.turn_id)))).toContain('hang\\nrecall');
  });

  it('ends a turn whose agent is still starting', async () => {
    const opened = await openSession({ limits: { interruptGraceMs: 50 } });
    const { id, cwd, say, until, restart } = opened;
    writeFileSync(join(cwd, 'mute'), '');
    await restart();
    const { answer } = await say(id, 'say hello');
    await until(id, is('turn_started'));
    await opened.host.submit(owner, id, interrupt);
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'turn_completed')).toMatchObject({ status: 'interrupted', cause: 'interrupted' });
    rmSync(join(cwd, 'mute'));
    const next = await say(id, 'say hello');
    expect(last(await until(id, endOf(next.answer.turn_id)), 'turn_completed')).toMatchObject({ status: 'completed' });
  });
});

describe('an agent of which nothing is asked', () => {
  it('is ended after a while, and brought back in its conversation by the next message', async () => {
    const { id, agents, host, say, until } = await openSession({ limits: { agentIdleMs: 200 } });
    const first = await say(id, 'say hello');
    await until(id, endOf(first.answer.turn_id));
    await expect.poll(agents).toBe(0);
    expect(host.get(owner, id).status).toBe('idle');
    const next = await say(id, 'recall');
    const events = await until(id, endOf(next.answer.turn_id));
    expect(JSON.stringify(last(events, 'item_completed'))).toContain('say hello\\nrecall');
    expect(events.filter(is('notice'))).toEqual([]);
  });

  itInAll('is kept where it could not take up its conversation again', async () => {
    const { id, agents, say, until } = await openSession({ limits: { agentIdleMs: 1 } }, 'forget');
    const first = await say(id, 'live 5 50');
    await until(id, endOf(first.answer.turn_id));
    const next = await say(id, 'recall');
    const events = await until(id, endOf(next.answer.turn_id));
    expect(JSON.stringify(last(events, 'item_completed'))).toContain('live 5 50\\nrecall');
    expect(events.filter(is('notice'))).toEqual([]);
    expect(agents()).toBe(1);
  });

  itInAll('is not ended while a turn runs or a person is asked', async () => {
    const { id, host, say, until } = await openSession({ limits: { agentIdleMs: 50 } });
    const first = await say(id, 'live 4 200');
    expect(last(await until(id, endOf(first.answer.turn_id)), 'turn_completed')).toMatchObject({ status: 'completed' });
    const asking = await say(id, 'ask');
    const [approval] = await until(id, is('approval_requested')).then(() => host.get(owner, id).pending_approvals);
    await expect.poll(() => Date.now() - (approval?.requested_at ?? 0)).toBeGreaterThan(200);
    await host.submit(owner, id, {
      type: 'approval',
      approval_id: approval?.approval_id ?? '',
      decision: 'allow_once',
    });
    await until(id, endOf(asking.answer.turn_id));
    expect(existsSync(join(host.get(owner, id).cwd, 'a.txt'))).toBe(true);
  });
});
