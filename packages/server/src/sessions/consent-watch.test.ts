import { createAgentCatalog } from '@parleyhq/agents';
import { describe, expect, it } from 'vitest';
import { endOf, openHost, owner } from '../../test/open-host.js';
import { scripted } from '../../test/scripted-agent.js';

const notices = (events: readonly { readonly type: string; readonly code?: string }[]) =>
  events.filter(({ type, code }) => type === 'notice' && code === 'edit_without_consent');

async function turnOf(message: string, approval_policy: 'ask' | 'deny' | 'auto') {
  const { host, cwd, say, until } = await openHost(undefined, scripted());
  const { session_id: id } = await host.create(owner, { cwd, approval_policy });
  const { answer } = await say(id, message);
  return until(id, endOf(answer.turn_id));
}

it.each([
  ['ask', 1],
  ['deny', 1],
  ['auto', 0],
] as const)('an edit that nobody was asked about is noticed under %s: %i', async (policy, count) => {
  expect(notices(await turnOf('edit-unasked', policy))).toHaveLength(count);
});

describe('an agent that never asks', () => {
  const open = () =>
    openHost(undefined, {
      agents: createAgentCatalog({ agents: [{ name: 'mute', preset: 'demo', in_memory: true, asks: 'never' }] }),
      defaultAgent: 'mute',
    });

  it('works in a copy, unless the session says otherwise', async () => {
    const { host, cwd } = await open();
    expect((await host.create(owner, { cwd })).workspace).toBe('isolated');
    expect((await host.create(owner, { cwd, workspace: 'direct' })).workspace).toBe('direct');
  });

  it('cannot be denied anything, and whoever wants that is told', async () => {
    const { host, cwd } = await open();
    await expect(host.create(owner, { cwd, approval_policy: 'deny' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      details: [{ pointer: '/body/approval_policy' }],
    });
  });
});
