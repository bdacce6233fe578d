import { randomUUID } from 'node:crypto';

import {
  type AgentApp,
  type AgentContext,
  agent,
  type ContentBlock,
  PROTOCOL_VERSION,
  RequestError,
  type SessionConfigOption,
  type SessionModeState,
} from '@agentclientprotocol/sdk';

import type { Environment } from '../definition.js';
import { playScenario } from './play-scenario.js';
import { chooseScenario, type Scenario } from './scenario.js';
import { setStage } from './stage.js';

/** What the demo agent is made with. */
export interface DemoAgentOptions {
  readonly scenarios: readonly Scenario[];
  /** Between two chunks of an answer. */
  readonly paceMs: number;
  /** The model that the session asked for; it is offered, and changes nothing. */
  readonly model?: string;
  /** What the commands that it runs may see. */
  readonly env: Environment;
  /** Ends the process, as a crash would. */
  exit(code: number): Promise<never>;
}

interface DemoSession {
  readonly cwd: string;
  mode: 'ask' | 'auto';
  model: string;
  brief: boolean;
  titled: boolean;
  turns: number;
  turn?: AbortController;
}

const MODELS = ['demo-script', 'claude-3-sonnet'];

/** Creates the demo agent: ACP as any agent speaks it, over scripted scenarios that do real work. */
export function createDemoAgent(options: DemoAgentOptions): AgentApp {
  const sessions = new Map<string, DemoSession>();
  const models = [...new Set([options.model ?? [], MODELS].flat())];
  let streamsOutput = false;

  const open = (sessionId: string, cwd: string, client: AgentContext) => {
    const model = models[0] as string;
    const session: DemoSession = { cwd, mode: 'ask', model, brief: false, titled: false, turns: 0 };
    sessions.set(sessionId, session);
    const availableCommands = options.scenarios.map(({ name, description }) => ({ name, description }));
    const update = { sessionUpdate: 'available_commands_update' as const, availableCommands };
    // After the answer: before it the client does not know the session.
    setImmediate(() => void client.notify('session/update', { sessionId, update }).catch(() => undefined));
    return { modes: modesOf(session), configOptions: configOf(session, models) };
  };
  const find = (sessionId: string) => {
    const session = sessions.get(sessionId);
    if (!session) throw RequestError.sessionNotFound(sessionId);
    return session;
  };

  return (
    agent({ name: 'parley-demo' })
      .onRequest('initialize', ({ params }) => {
        streamsOutput = params.clientCapabilities?._meta?.terminal_output_delta === true;
        return {
          protocolVersion: PROTOCOL_VERSION,
          agentInfo: { name: 'parley-demo', title: 'Demo agent', version: '0.1.0' },
          agentCapabilities: { sessionCapabilities: { resume: {} }, promptCapabilities: { image: true } },
        };
      })
      .onRequest('session/new', ({ params, client }) => {
        const sessionId = randomUUID();
        return { sessionId, ...open(sessionId, params.cwd, client) };
      })
      // It has no memory, so it can take up any conversation.
      .onRequest('session/resume', ({ params, client }) => open(params.sessionId, params.cwd, client))
      .onRequest('session/set_mode', ({ params }) => {
        if (params.modeId !== 'ask' && params.modeId !== 'auto')
          throw RequestError.invalidParams({ modeId: params.modeId });
        find(params.sessionId).mode = params.modeId;
      })
      .onRequest('session/set_config_option', ({ params }) => {
        const session = find(params.sessionId);
        if (params.configId === 'model' && models.includes(String(params.value))) session.model = String(params.value);
        else if (params.configId === 'brief' && typeof params.value === 'boolean') session.brief = params.value;
        else throw RequestError.invalidParams({ configId: params.configId });
        return { configOptions: configOf(session, models) };
      })
      .onNotification('session/cancel', ({ params }) => sessions.get(params.sessionId)?.turn?.abort())
      .onRequest('session/prompt', async ({ params, client }) => {
        const { sessionId } = params;
        const session = find(sessionId);
        const prompt = params.prompt.map(readText).join('\n');
        const turn = new AbortController();
        session.turn = turn;
        session.turns += 1;
        const stage = setStage({
          cwd: session.cwd,
          client,
          sessionId,
          signal: turn.signal,
          prompt,
          streamsOutput,
          get asksFirst() {
            return session.mode === 'ask';
          },
          stopAsking: () => {
            session.mode = 'auto';
          },
          paceMs: options.paceMs,
          names: { model: session.model, turn: String(session.turns) },
          env: options.env,
          exit: options.exit,
        });
        if (!session.titled) {
          session.titled = true;
          await stage.send({ sessionUpdate: 'session_info_update', title: prompt.slice(0, 80) });
        }
        const mode = session.mode;
        const stopReason = await playScenario(stage, chooseScenario(options.scenarios, prompt));
        if (session.mode !== mode)
          await stage.send({ sessionUpdate: 'current_mode_update', currentModeId: session.mode });
        await stage.send({ sessionUpdate: 'usage_update', used: session.turns * 1_200, size: 200_000 });
        return { stopReason };
      })
  );
}

function modesOf(session: DemoSession): SessionModeState {
  return {
    currentModeId: session.mode,
    availableModes: [
      { id: 'ask', name: 'Ask', description: 'Asks before it edits a file.' },
      { id: 'auto', name: 'Auto', description: 'Edits without asking.' },
    ],
  };
}

function configOf(session: DemoSession, models: readonly string[]): SessionConfigOption[] {
  const options = models.map((value) => ({ value, name: value }));
  return [
    { id: 'model', name: 'Model', category: 'model', type: 'select', currentValue: session.model, options },
    {
      id: 'brief',
      name: 'Brief',
      description: 'Changes nothing; a switch to try.',
      type: 'boolean',
      currentValue: session.brief,
    },
  ];
}

function readText(block: ContentBlock): string {
  if (block.type === 'text') return block.text;
  return block.type === 'resource_link' ? block.uri : `[${block.type}]`;
}
