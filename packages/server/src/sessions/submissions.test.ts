import type { Agent } from '@parleyhq/agents';
import { expect, it } from 'vitest';
import { created } from '../../test/events.js';
import { fold } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import type { AgentSlot } from './agent-slot.js';
import type { Approvals } from './approvals.js';
import type { Elicitations } from './elicitations.js';
import type { Steering } from './steering.js';
import { createSubmissions } from './submissions.js';
import type { Turns } from './turns.js';
import type { WaitingSize } from './waiting-size.js';

const head = fold(undefined, 1, 0, created);
const journal: Journal = {
  head,
  durable: head,
  append: async (events) => events.map((_, index) => index + 2),
  settled: async () => undefined,
};

it('an agent that does not answer keeps nobody waiting who sets an option', async () => {
  const agent: Pick<Agent, 'configure'> = { configure: () => new Promise(() => undefined) };
  const slot: Pick<AgentSlot, 'ensure'> = { ensure: async () => agent as Agent };
  const submit = createSubmissions({
    journal,
    approvals: {} as Approvals,
    elicitations: {} as Elicitations,
    turns: {} as Turns,
    steering: {} as Steering,
    slot: slot as AgentSlot,
    waiting: {} as WaitingSize,
    limits: { maxQueuedTurns: 1, configureTimeoutMs: 20 },
  });
  await expect(submit({ type: 'configure', config_id: 'mode', value: 'x' }, undefined)).rejects.toMatchObject({
    code: 'AgentUnavailable',
    message: expect.stringContaining('did not answer within 20 ms'),
  });
});
