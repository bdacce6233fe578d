import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

import type { CreateElicitationRequest, StopReason } from '@agentclientprotocol/sdk';

import { readObject } from '../map/read.js';
import { RpcError } from './json-rpc.js';
import { playCommand } from './play-command.js';
import { playEdits } from './play-edits.js';
import type { Scenario, Step } from './scenario.js';
import { Cancelled, type Stage } from './stage.js';

/** Plays a scenario to its end. A scenario that fails rejects; a cancelled one ends as `cancelled`. */
export async function playScenario(stage: Stage, scenario: Scenario): Promise<StopReason> {
  try {
    return (await playSteps(stage, scenario.steps)) ?? 'end_turn';
  } catch (error) {
    if (error instanceof Cancelled || stage.signal.aborted) return 'cancelled';
    throw error;
  }
}

/** Plays what follows the end of a turn. Nobody waits for its end, so a failure or a cancellation is just that. */
export async function playLater(stage: Stage, { later }: Scenario): Promise<void> {
  await playSteps(stage, later).catch(() => undefined);
}

/** Plays steps until one stops the turn. */
async function playSteps(stage: Stage, steps: readonly Step[] = []): Promise<StopReason | undefined> {
  for (const step of steps) {
    const stopped = await playStep(stage, step);
    if (stopped) return stopped;
  }
  return undefined;
}

async function playStep(stage: Stage, step: Step): Promise<StopReason | undefined> {
  if (stage.signal.aborted) throw new Cancelled();
  if ('think' in step) await stage.stream('agent_thought_chunk', stage.text(step.think));
  else if ('say' in step) await stage.stream('agent_message_chunk', stage.text(step.say));
  else if ('plan' in step) await playPlan(stage, step.plan);
  else if ('edits' in step) {
    const allowed = await playEdits(
      stage,
      step.edits.map((edit) => ({ ...edit, path: stage.text(edit.path) })),
    );
    return playSteps(stage, allowed ? step.allowed : step.rejected);
  } else if ('run' in step) {
    const ran = await playCommand(stage, step.run, step.ask_first === true);
    return ran ? undefined : playSteps(stage, step.rejected);
  } else if ('question' in step) return playQuestion(stage, step);
  else if ('flood' in step) await playFlood(stage, step.flood);
  else if ('wait_for_cancel' in step) await waitForCancel(stage.signal);
  else if ('stop' in step) return step.stop;
  else if ('fail' in step) {
    throw new RpcError(-32603, 'Internal error', { details: stage.text(step.fail) });
  } else await stage.exit(step.exit);
  return undefined;
}

async function playPlan(stage: Stage, plan: Extract<Step, { plan: unknown }>['plan']): Promise<void> {
  await stage.pause(4);
  const entries = plan.map(({ content, status }) => ({
    content: stage.text(content),
    status,
    priority: 'medium' as const,
  }));
  await stage.send({ sessionUpdate: 'plan', entries });
}

async function playQuestion(stage: Stage, step: Extract<Step, { question: unknown }>): Promise<StopReason | undefined> {
  const request: CreateElicitationRequest = {
    sessionId: stage.sessionId,
    mode: 'form',
    message: stage.text(step.question),
    requestedSchema: {
      type: 'object',
      properties: step.fields as Record<string, { type: string }>,
      required: Object.keys(step.fields),
    },
  };
  const answer = readObject(await stage.client.request('elicitation/create', request));
  if (stage.signal.aborted) throw new Cancelled();
  if (answer?.action !== 'accept') return playSteps(stage, step.declined);
  for (const [name, value] of Object.entries(readObject(answer.content) ?? {})) stage.set(name, String(value));
  return playSteps(stage, step.accepted);
}

/** Sends as fast as the client reads. Lets other work run now and then, so that a cancellation is noticed. */
async function playFlood(stage: Stage, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    if (index % 64 === 0) await nextTurnOfTheLoop();
    if (stage.signal.aborted) throw new Cancelled();
    await stage.send({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: `${index} ` } });
  }
}

async function waitForCancel(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw new Cancelled();
}
