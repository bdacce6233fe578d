import type { Submission } from '@parleyhq/contract';
import { expect, it } from 'vitest';
import { endOf, is, last, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

/** A session whose agent waits for an answer, and tells what it was told also after it was told to cancel. */
async function openAsking() {
  const { host, cwd, say, until } = await openHost(undefined, scripted());
  const { session_id: id } = await host.create(owner, { cwd });
  const { answer } = await say(id, 'ask-and-tell');
  const asked = last(await until(id, is('approval_requested')), 'approval_requested');
  const submit = (submission: Submission) => host.submit(owner, id, submission);
  return {
    interrupt: () => submit({ type: 'interrupt' }),
    allow: () =>
      submit({ type: 'approval', approval_id: asked?.approval.approval_id ?? '', decision: 'allow_once' }).then(
        () => 'accepted',
        ({ code }) => code,
      ),
    async ended() {
      const events = await until(id, endOf(answer.turn_id));
      const told = events.flatMap((event) =>
        event.type === 'item_completed' && event.item.type === 'agent_message' ? event.item.content : [],
      );
      return { logged: last(events, 'approval_resolved'), told: told.map((block) => 'text' in block && block.text) };
    },
  };
}

it('an answer after the interrupt is too late, in the log and for the agent', async () => {
  const { interrupt, allow, ended } = await openAsking();
  const [, answered] = await Promise.all([interrupt(), allow()]);
  expect(answered).toBe('ApprovalResolved');
  const { logged, told } = await ended();
  expect(logged).toMatchObject({ by: 'server', outcome: 'cancelled' });
  expect(told).toEqual(['cancelled']);
});

it('an answer before the interrupt is what the agent is told', async () => {
  const { interrupt, allow, ended } = await openAsking();
  const [answered] = await Promise.all([allow(), interrupt()]);
  expect(answered).toBe('accepted');
  const { logged, told } = await ended();
  expect(logged).toMatchObject({ by: 'user', outcome: 'selected', decision: 'allow_once' });
  expect(told).toEqual(['yes']);
});

it('an agent that asks after the interrupt is answered at once', async () => {
  const { host, cwd, say, until } = await openHost(undefined, scripted());
  const { session_id: id } = await host.create(owner, { cwd, approval_policy: 'auto' });
  const { answer } = await say(id, 'ask-when-cancelled');
  await until(id, is('item_started'));
  await host.submit(owner, id, { type: 'interrupt' });
  const events = await until(id, endOf(answer.turn_id));
  expect(last(events, 'approval_resolved')).toMatchObject({ by: 'server', outcome: 'cancelled' });
});

it('a question of a form is cancelled with the interrupt too', async () => {
  const { host, cwd, say, until } = await openHost(undefined, scripted());
  const { session_id: id } = await host.create(owner, { cwd });
  const { answer } = await say(id, 'question');
  const asked = last(await until(id, is('elicitation_requested')), 'elicitation_requested');
  const given = { type: 'elicitation', elicitation_id: asked?.elicitation.elicitation_id ?? '' } as const;
  const [, late] = await Promise.allSettled([
    host.submit(owner, id, { type: 'interrupt' }),
    host.submit(owner, id, { ...given, action: 'accept', content: { name: 'me' } }),
  ]);
  expect(late).toMatchObject({ status: 'rejected', reason: { code: 'ApprovalResolved' } });
  const events = await until(id, endOf(answer.turn_id));
  expect(last(events, 'elicitation_resolved')).toMatchObject({ by: 'server', action: 'cancel' });
});
