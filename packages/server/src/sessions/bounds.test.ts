import { describe, expect, it } from 'vitest';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';
import { startServer } from '../../test/start-server.js';

describe('the bounds of sessions', () => {
  it('let as many in as they say, and one more when one has been closed', async () => {
    const { send, createSession, project } = await startServer({ limits: { maxSessions: 2 } });
    const first = await createSession();
    await createSession();
    const { status, body, headers } = await send('POST', '/api/sessions', { body: { cwd: project } });
    expect([status, body.code, Number(headers['retry-after'])]).toEqual([429, 'TooManySessions', 10]);
    expect((await send('DELETE', first)).status).toBe(204);
    expect((await send('POST', '/api/sessions', { body: { cwd: project } })).status).toBe(201);
  });

  it('let as many turns wait as they say', async () => {
    const { host, cwd, say, until } = await openHost(undefined, { limits: { maxQueuedTurns: 2 } });
    const { session_id: id } = await host.create(owner, { cwd });
    await say(id, '/wait');
    await until(id, is('turn_started'));
    await say(id, 'one');
    await say(id, 'two');
    await expect(say(id, 'three')).rejects.toMatchObject({ code: 'QueueFull' });
    expect(host.get(owner, id).queued_turns).toHaveLength(2);
  });

  it('let messages wait that are as large together as they say, and one alone of any size', async () => {
    const limits = { maxWaitingSizePerSession: 1_000 };
    const { host, cwd, say, until } = await openHost(undefined, { limits });
    const { session_id: id } = await host.create(owner, { cwd });
    await say(id, '/wait');
    await until(id, is('turn_started'));
    const first = await say(id, 'x'.repeat(2_000));
    await expect(say(id, 'one more')).rejects.toMatchObject({ code: 'QueueFull', retryAfter: 1 });
    await host.submit(owner, id, { type: 'interrupt', turn_id: first.answer.turn_id });
    for (const message of ['x'.repeat(500), 'one more']) await say(id, message);
    await expect(say(id, 'x'.repeat(500))).rejects.toMatchObject({ code: 'QueueFull' });
    expect(host.get(owner, id).queued_turns).toHaveLength(2);
  });

  it('let an account have half of all that waits, which a restart does not forget', async () => {
    const { host, cwd, say, until, restart } = await openHost(undefined, { limits: { maxWaitingSize: 3_000 } });
    const busy = async (account: string) => {
      const { session_id: id } = await host.create({ account }, { cwd });
      const submit = (content: string) => host.submit({ account }, id, { type: 'user_message', content });
      await submit('/wait');
      return { id, submit };
    };
    const [mine, mineToo, others] = [await busy('owner'), await busy('owner'), await busy('other')];
    await until(mine.id, is('turn_started'));
    await mine.submit('x'.repeat(1_200));
    await expect(mineToo.submit('x'.repeat(500))).rejects.toMatchObject({ code: 'QueueFull' });
    await others.submit('x'.repeat(1_200));
    await restart();
    expect(await say(mine.id, 'after it')).toBeDefined();
  });

  it('cancel a question that is larger than all that may wait, and the log says so', async () => {
    const { host, cwd, say, until } = await openHost(undefined, { ...scripted(), limits: { maxWaitingSize: 100 } });
    const { session_id: id } = await host.create(owner, { cwd });
    for (const [asks, resolved] of [
      ['ask', { type: 'approval_resolved', by: 'server', outcome: 'cancelled' }],
      ['question', { type: 'elicitation_resolved', by: 'server', action: 'cancel' }],
    ] as const) {
      const { answer } = await say(id, asks);
      const events = await until(id, endOf(answer.turn_id));
      expect(events).toContainEqual(expect.objectContaining(resolved));
      expect(last(events, 'turn_completed')).toMatchObject({ status: 'completed' });
    }
  });

  it('cut the time that an approval waits to what the operator says', async () => {
    const { send, project: cwd } = await startServer({ limits: { maxApprovalTimeoutMs: 5_000 } });
    const timeoutOf = async (body: object) => (await send('POST', '/api/sessions', { body })).body.approval_timeout;
    expect(await timeoutOf({ cwd, approval_timeout: 5_000 })).toBe(5_000);
    expect(await timeoutOf({ cwd, approval_timeout: 5_001 })).toBe(5_000);
    expect(await timeoutOf({ cwd })).toBe(5_000);
  });

  it('end an agent that writes a longer line than they say, and the turn says why', async () => {
    const limits = { maxAgentLineBytes: 900_000, maxAgentQueueEvents: 1, maxAgentQueueBytes: 1 };
    const { host, cwd, say, until } = await openHost(undefined, { ...scripted('resume'), limits });
    const { session_id: id } = await host.create(owner, { cwd });
    const { answer } = await say(id, 'long-line 1');
    const end = last(await until(id, endOf(answer.turn_id)), 'turn_completed');
    expect(end).toMatchObject({ status: 'failed', cause: 'agent_error' });
    expect(end?.error?.message).toContain('longer than 900000 bytes');
  });
});
