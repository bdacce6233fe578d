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
