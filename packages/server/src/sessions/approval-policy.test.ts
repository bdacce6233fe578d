import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';
import { startServer } from '../../test/start-server.js';
import { choosePolicy } from './approval-policy.js';

describe('the operator', () => {
  it.each([
    ['deny', { deny: 'deny', ask: undefined, auto: undefined, none: 'deny' }],
    ['ask', { deny: 'deny', ask: 'ask', auto: undefined, none: 'ask' }],
    ['auto', { deny: 'deny', ask: 'ask', auto: 'auto', none: 'ask' }],
  ] as const)('who allows %s allows no more, and it is no more for a request that names none', (most, outcomes) => {
    for (const asked of ['deny', 'ask', 'auto', 'none'] as const) {
      const choose = () => choosePolicy(asked === 'none' ? undefined : asked, most);
      const outcome = outcomes[asked];
      if (outcome === undefined) expect(choose).toThrow(/InvalidRequest/);
      else expect(choose()).toBe(outcome);
    }
  });

  it('is obeyed over HTTP: a request for more names the place, one for none gets what is allowed', async () => {
    const { send, project: cwd } = await startServer({ maxApprovalPolicy: 'deny' });
    const refused = await send('POST', '/api/sessions', { body: { cwd, approval_policy: 'ask' } });
    expect([refused.status, refused.body]).toMatchObject([
      400,
      {
        code: 'InvalidRequest',
        details: [{ pointer: '/body/approval_policy', message: 'this server allows deny, got ask' }],
      },
    ]);
    const created = await send('POST', '/api/sessions', { body: { cwd } });
    expect([created.status, created.body.approval_policy]).toEqual([201, 'deny']);
  });

  itInAll('who allows less than before is obeyed by the sessions that there are', async () => {
    const opened = await openHost();
    const { cwd, say, until, restart } = opened;
    const { session_id: id } = await opened.host.create(owner, { cwd, approval_policy: 'auto' });
    await restart({ maxApprovalPolicy: 'deny' });
    expect(opened.host.get(owner, id).approval_policy).toBe('deny');
    const { answer } = await say(id, 'sort');
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'policy', decision: 'reject_once' });
    await restart();
    expect(opened.host.get(owner, id).approval_policy).toBe('deny');
  });

  it('who asks for a policy that there is none is told', async () => {
    const wrong = 'all' as 'auto';
    await expect(startServer({ maxApprovalPolicy: wrong })).rejects.toThrow('expected one of deny, ask, auto, got all');
  });
});

it('deny asks nobody, also where the agent offers no way to reject this one call', async () => {
  const { host, cwd, say, until } = await openHost(undefined, scripted());
  const { session_id: id } = await host.create(owner, { cwd, approval_policy: 'deny' });
  await say(id, 'ask-for-good');
  const events = await until(id, (event) => endOf()(event) || event.type === 'patch_updated');
  expect(last(events, 'approval_resolved')).toEqual({
    ...{ type: 'approval_resolved', by: 'policy', outcome: 'cancelled' },
    turn_id: last(events, 'approval_requested')?.turn_id,
    approval_id: last(events, 'approval_requested')?.approval.approval_id,
  });
  expect(last(events, 'turn_completed')).toMatchObject({ status: 'completed' });
  expect(existsSync(join(cwd, 'a.txt'))).toBe(false);
});

describe('a question with several ways to allow', () => {
  it.each(['auto', 'ask'] as const)("is asked under %s, and the answer is the user's", async (approval_policy) => {
    const { host, cwd, say, until } = await openHost(undefined, scripted());
    const { session_id: id } = await host.create(owner, { cwd, approval_policy });
    const { answer } = await say(id, 'choose');
    const asked = last(await until(id, is('approval_requested')), 'approval_requested');
    expect(host.get(owner, id).pending_approvals).toHaveLength(1);
    const approval_id = asked?.approval.approval_id ?? '';
    await host.submit(owner, id, { type: 'approval', approval_id, option_id: 'right' });
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'user', option_id: 'right' });
  });

  it.each([
    ['', { outcome: 'cancelled' }],
    [' no', { outcome: 'selected', option_id: 'no' }],
  ])('is rejected under deny:%s', async (no, outcome) => {
    const { host, cwd, say, until } = await openHost(undefined, scripted());
    const { session_id: id } = await host.create(owner, { cwd, approval_policy: 'deny' });
    const { answer } = await say(id, `choose${no}`);
    const events = await until(id, endOf(answer.turn_id));
    expect(last(events, 'approval_resolved')).toMatchObject({ by: 'policy', ...outcome });
  });
});
