import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentDefinition } from '@parleyhq/agents';
import { type Event, ServiceError, type Submission } from '@parleyhq/contract';
import type { ExpectStatic } from 'vitest';
import type { ServerLimits } from '../src/limits.js';
import { endOf, is, openHost, owner } from './open-host.js';
import { scripted, scriptedInMemory } from './scripted-agent.js';

/** The states of a session that a person can tell apart, and those that only its history has. */
export const STATES = [
  'idle',
  'starting',
  'running',
  'own turn',
  'approval',
  'elicitation',
  'interrupting',
  'queue',
  'pending',
  'applied',
  'unwritable',
  'closing',
  'closed',
  'restarted',
] as const;
export type State = (typeof STATES)[number];

/** Everything that can be done to a session, or happen to it. */
export const INPUTS = [
  'message',
  'interrupt',
  'interrupt of another turn',
  'interrupt of a queued turn',
  'interrupt and clear_queue',
  'approval',
  'elicitation',
  'configure',
  'apply_patch',
  'revert_patch',
  'close',
  'purge',
  'agent exits',
  'agent crashes',
  'silence',
  'deadline',
] as const;
export type Input = (typeof INPUTS)[number];

/** A session in one state, to be given one input. */
export type Stage = Awaited<ReturnType<typeof openStage>>;

type OpenedHost = Awaited<ReturnType<typeof openHost>>;

/** The agents of hosts that several stages share, by name: each stage has one of its own. */
const agentsByName = new Map<string, AgentDefinition>();
const shared = new Map<string, Promise<OpenedHost>>();
const closers: (() => Promise<void>)[] = [];
let stages = 0;

/** Closes the hosts that stages have shared. */
export async function closeSharedHosts(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
  shared.clear();
}

/** A host with these limits; that of another stage unless what is done to the stage befalls the whole host. */
function hostFor(limits: ServerLimits, alone: boolean): Promise<OpenedHost> {
  const open = () => {
    const { agents: catalog, defaultAgent } = scripted();
    const agents = {
      ...catalog,
      get: (name: string) => agentsByName.get(name),
      availability: () => catalog.availability(defaultAgent),
    };
    return openHost(undefined, { agents, limits }, (close) => void closers.push(close));
  };
  if (alone) return open();
  const key = JSON.stringify(limits);
  const found = shared.get(key) ?? open();
  shared.set(key, found);
  return found;
}

/** Opens a session and brings it into a state. All time limits are long, except those that the state or the input needs. */
export async function openStage(state: State, input: Input, expect: ExpectStatic) {
  const limits: ServerLimits = {
    interruptGraceMs: state === 'interrupting' ? 60_000 : 50,
    maxTurnSilenceMs: input === 'silence' ? 1_000 : 60_000,
    agentTurnIdleMs: state === 'own turn' && input !== 'silence' ? 60_000 : 50,
    agentStartTimeoutMs: state === 'starting' && input === 'configure' ? 1_000 : 60_000,
    logPatienceMs: 500,
  };
  const opened = await hostFor(limits, state === 'unwritable' || state === 'restarted');
  const { disk, say, until } = opened;
  stages += 1;
  const agent = `scripted-${stages}`;
  const cwd = join(opened.cwd, agent);
  await mkdir(cwd);
  const agents = scriptedInMemory(cwd);
  agentsByName.set(agent, agents.definition);
  const approval_timeout = input === 'deadline' ? 1_000 : 600_000;
  const workspace = state === 'pending' || state === 'applied' ? 'isolated' : 'direct';
  const { session_id: id } = await opened.host.create(owner, { cwd, agent, workspace, approval_timeout });
  const mute = join(cwd, 'mute');
  /** The turn that the state is about. */
  let turn: string | undefined;
  /** The patch that can be reverted. */
  let patch_id: string | undefined;
  let closing: Promise<void> | undefined;

  const begin = async (message: string, reached: (event: Event) => boolean) => {
    const { answer } = await say(id, message);
    turn = answer.turn_id;
    await until(id, (event) => reached(event) || endOf(turn)(event));
  };
  /** Makes a pending patch. Its turn has ended. */
  const patched = async () => {
    await begin('write this', endOf(undefined));
    await until(id, (event) => event.type === 'patch_updated' && event.patch !== null);
    turn = undefined;
  };
  const running = () => begin('wait', is('item_started'));

  const reach: Record<State, () => Promise<unknown>> = {
    idle: async () => undefined,
    async starting() {
      agents.exit('SIGKILL');
      writeFileSync(mute, '');
      await begin('say hello', is('turn_started'));
      await expect.poll(() => agents.running()).toBe(1);
    },
    running,
    async 'own turn'() {
      await say(id, 'later');
      const isOwn = (event: Event) => event.type === 'turn_started' && event.origin === 'agent';
      const started = (await until(id, isOwn)).find(isOwn);
      turn = started?.type === 'turn_started' ? started.turn_id : undefined;
    },
    approval: () => begin('ask', (event) => event.type === 'patch_updated' && event.patch !== null),
    elicitation: () => begin('question', is('elicitation_requested')),
    async interrupting() {
      await begin('hang', is('item_started'));
      await opened.host.submit(owner, id, { type: 'interrupt' });
    },
    async queue() {
      await running();
      await say(id, 'say two');
    },
    pending: patched,
    async applied() {
      await patched();
      patch_id = (await opened.host.applyPatch(owner, id, {})).patch_id;
    },
    async unwritable() {
      await running();
      disk.trouble = 'refused';
      await say(id, 'say two').catch(() => undefined);
    },
    async closing() {
      await running();
      agents.linger();
      closing = opened.host.close(owner, id, { purge: false });
    },
    closed: () => opened.host.close(owner, id, { purge: false }),
    async restarted() {
      await running();
      await opened.restart();
    },
  };
  await reach[state]();

  return {
    ...{ say, until, id, agents, turn, patch_id },
    get host() {
      return opened.host;
    },
    /** Removes what keeps the session in its state. */
    async heal() {
      disk.trouble = 'none';
      rmSync(mute, { force: true });
      agents.leave();
      await closing;
    },
  };
}

/** Gives a session an input. Resolves with `ok` or the code of the refusal. */
export async function give(stage: Stage, input: Input): Promise<string> {
  const { host, id, agents, patch_id = randomUUID() } = stage;
  const submit = (submission: Submission) => host.submit(owner, id, submission);
  const asked = () => host.get(owner, id);
  const inputs: Record<Input, () => unknown> = {
    message: () => submit({ type: 'user_message', content: 'say hello' }),
    interrupt: () => submit({ type: 'interrupt' }),
    'interrupt of another turn': () => submit({ type: 'interrupt', turn_id: randomUUID() }),
    'interrupt of a queued turn': () =>
      submit({ type: 'interrupt', turn_id: asked().queued_turns[0]?.turn_id ?? randomUUID() }),
    'interrupt and clear_queue': () => submit({ type: 'interrupt', clear_queue: true }),
    approval() {
      const approval_id = asked().pending_approvals[0]?.approval_id ?? randomUUID();
      return submit({ type: 'approval', approval_id, decision: 'allow_once' });
    },
    elicitation() {
      const elicitation_id = asked().pending_elicitations[0]?.elicitation_id ?? randomUUID();
      return submit({ type: 'elicitation', elicitation_id, action: 'accept', content: { name: 'me' } });
    },
    configure: () => submit({ type: 'configure', config_id: 'mode', value: 'two' }),
    apply_patch: () => host.applyPatch(owner, id, {}),
    revert_patch: () => host.revertPatch(owner, id, { patch_id }),
    close: () => host.close(owner, id, { purge: false }),
    purge: () => host.close(owner, id, { purge: true }),
    'agent exits': () => agents.exit(0),
    'agent crashes': () => agents.exit('SIGKILL'),
    silence: () => undefined,
    deadline: () => undefined,
  };
  try {
    await inputs[input]();
    return 'ok';
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

/** Where a session is, as its callers see it. */
export function seen({ host, id }: Stage): string {
  try {
    const { status, turn_id, pending_approvals, pending_elicitations, queued_turns } = host.get(owner, id);
    if (status === 'closed') return 'closed';
    if (turn_id === null) return 'idle';
    if (pending_approvals.length > 0) return 'approval';
    if (pending_elicitations.length > 0) return 'elicitation';
    return queued_turns.length > 0 ? 'queue' : 'running';
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'SessionNotFound') return 'gone';
    throw error;
  }
}
