import { type Agent, type AgentExit, createAgentCatalog, openAgent } from '@parleyhq/agents';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { fold } from '../journal/fold.js';
import type { Journal } from '../journal/journal.js';
import { createAgentSlot } from './agent-slot.js';

const head = fold(undefined, 1, 0, {
  ...{ type: 'session_created', session_id: '00000000-0000-4000-8000-000000000001', account: 'owner', cwd: '/' },
  ...{ agent: 'demo', model: null, oss: false, web_search: false, config_profile: null, workspace: 'direct' },
  ...{ approval_policy: 'ask', approval_timeout: 1_000, title: null, metadata: {} },
});
const journal: Journal = { head, durable: head, append: async () => [], settled: async () => undefined };

const logger = pino({ level: 'silent' });

function openNamed(name: string, signal?: AbortSignal): Promise<Agent> {
  const mute = { name: 'mute', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
  const definition = createAgentCatalog({ agents: [mute] }).get(name);
  if (definition === undefined) throw new Error(`there is no agent ${name}`);
  const handler = {
    events: () => undefined,
    requestPermission: async () => ({ outcome: 'cancelled' }) as const,
    startTurn: async () => undefined,
    requestElicitation: async () => ({ action: 'cancel' }) as const,
  };
  return openAgent({ definition, cwd: process.cwd(), settings: {}, handler, ...(signal && { signal }) });
}

/** The demo agent, which takes its time to go. */
async function openLingering(): Promise<Agent & { readonly go: () => void }> {
  const agent = await openNamed('demo');
  let go: () => void = () => undefined;
  const leave = new Promise<void>((resolve) => {
    go = resolve;
  });
  const exited: Promise<AgentExit> = agent.exited;
  return { ...agent, info: agent.info, exited, go, close: () => leave.then(() => agent.close()) };
}

it('gives nothing more to an agent that is being ended, and starts another when it has gone', async () => {
  const first = await openLingering();
  let opened: Promise<Agent> | undefined;
  const open = () => {
    opened ??= openLingering();
    return opened;
  };
  const slot = createAgentSlot(journal, open, logger, first);
  const closed = slot.close();
  const next = slot.ensure();
  expect(slot.current).toBeUndefined();
  await Promise.resolve();
  expect(opened).toBeUndefined();
  first.go();
  await closed;
  expect(await next).not.toBe(first);
  const last = (await opened) as Awaited<ReturnType<typeof openLingering>>;
  last.go();
  await slot.close();
});

it('calls off the start of an agent that is to be ended', async () => {
  const slot = createAgentSlot(journal, (_, signal) => openNamed('mute', signal), logger);
  const starting = expect(slot.ensure()).rejects.toThrow(/was cancelled/);
  await slot.close();
  await starting;
});

it('ends an agent that could not be told of in the log', async () => {
  const full: Journal = { ...journal, append: () => Promise.reject(new Error('the disk is full')) };
  const agent = await openNamed('demo');
  const slot = createAgentSlot(full, async () => agent, logger);
  await expect(slot.ensure()).rejects.toThrow('the disk is full');
  await agent.exited;
  expect(slot.current).toBeUndefined();
});

it('starts no agent once it has been retired', async () => {
  const slot = createAgentSlot(journal, () => openNamed('demo'), logger);
  const retired = slot.retire();
  await expect(slot.ensure()).rejects.toMatchObject({ code: 'Unavailable' });
  await retired;
});
