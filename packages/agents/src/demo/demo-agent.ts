import { randomUUID } from 'node:crypto';

import type {
  InitializeResponse,
  ListSessionsResponse,
  NewSessionResponse,
  PromptResponse,
  ResumeSessionResponse,
  SessionConfigOption,
  SessionModeState,
  SetSessionConfigOptionResponse,
} from '@agentclientprotocol/sdk';

import type { Environment } from '../definition.js';
import { type Raw, readObject, readObjects, readText } from '../map/read.js';
import { createDemoLogin } from './demo-login.js';
import { invalidParams, type Methods, type Peer, RpcError } from './json-rpc.js';
import { playLater, playScenario } from './play-scenario.js';
import type { Scenario } from './scenario.js';
import { chooseScenario } from './scenarios.js';
import { createTranscript, type SessionStore, type StoredSession, type Transcript } from './session-store.js';
import { createStage, type Stage } from './stage.js';

/** The options of the demo agent. */
export interface DemoAgentOptions {
  readonly scenarios: readonly Scenario[];
  /** The delay between two chunks of an answer, in milliseconds. */
  readonly paceMs: number;
  /** The model that the session asked for. The agent offers it; it changes nothing. */
  readonly model?: string;
  /** A file that stands for a login: while it does not exist, no conversation begins. @default no login is wanted */
  readonly login?: string;
  /** The environment of the commands that it runs. */
  readonly env: Environment;
  /** Where it keeps its sessions. */
  readonly store: SessionStore;
  /** Ends the process, as a crash would. */
  exit(code: number): Promise<never>;
}

interface DemoSession {
  readonly cwd: string;
  mode: 'ask' | 'auto';
  model: string;
  brief: boolean;
  title: string | undefined;
  turns: number;
  readonly transcript: Transcript;
  turn?: AbortController;
  /** While a turn runs. */
  stage?: Stage;
}

const MODELS = ['demo-script', 'claude-3-sonnet'];

/** How many sessions a page of its list has. */
const PAGE = 20;

/** Creates the demo agent: it speaks ACP like any agent, and plays scripted scenarios that do real work. */
export function createDemoAgent(options: DemoAgentOptions): Methods {
  const sessions = new Map<string, DemoSession>();
  const models = [...new Set([options.model ?? [], MODELS].flat())];
  const login = createDemoLogin(options.login);
  let initialized = false;
  let streamsOutput = false;

  const open = (sessionId: string, cwd: string, client: Peer, before?: StoredSession) => {
    if (!initialized) throw new RpcError(-32600, 'Invalid request: expected initialize before it');
    login.check();
    const model = models[0] as string;
    const { title, turns = 0 } = before ?? {};
    const transcript = createTranscript(before?.updates);
    const session: DemoSession = { cwd, mode: 'ask', model, brief: false, title, turns, transcript };
    sessions.set(sessionId, session);
    const availableCommands = options.scenarios.map(({ name, description }) => ({ name, description }));
    const update = { sessionUpdate: 'available_commands_update' as const, availableCommands };
    // Sent after the answer: before that, the client does not know the session.
    setImmediate(() => void client.notify('session/update', { sessionId, update }).catch(() => undefined));
    return { modes: modesOf(session), configOptions: configOf(session, models) };
  };
  const find = (params: Raw) => {
    const sessionId = textOf(params, 'sessionId');
    const session = sessions.get(sessionId);
    if (!session) throw new RpcError(-32002, 'Resource not found', { sessionId });
    return { sessionId, session };
  };
  /** What is kept of a session. */
  const kept = async (sessionId: string): Promise<StoredSession> => {
    const stored = await options.store.read(sessionId);
    if (!stored) throw new RpcError(-32002, 'Resource not found', { sessionId });
    return stored;
  };
  const save = async (sessionId: string, { cwd, title, turns, transcript }: DemoSession) => {
    const updatedAt = new Date().toISOString();
    await options.store.save({ sessionId, cwd, title, turns, updates: transcript.updates, updatedAt });
  };

  return {
    requests: {
      initialize(params): InitializeResponse {
        initialized = true;
        const meta = readObject(readObject(params.clientCapabilities)?._meta);
        streamsOutput = meta?.terminal_output_delta === true;
        return {
          protocolVersion: 1,
          agentInfo: { name: 'parley-demo', title: 'Demo agent', version: '0.1.0' },
          agentCapabilities: {
            loadSession: true,
            // Not in the stable schema yet: `fork`.
            sessionCapabilities: { resume: {}, list: {}, ...{ fork: {} } },
            promptCapabilities: { image: true },
          },
          authMethods: login.methods,
          _meta: { steering: { supported: true } },
        };
      },
      authenticate: ({ methodId }, client, requestId) => login.logIn(methodId, client, requestId),
      'session/new'(params, client): NewSessionResponse {
        const sessionId = randomUUID();
        return { sessionId, ...open(sessionId, textOf(params, 'cwd'), client) };
      },
      // What it says does not depend on what was said, so it can resume any conversation.
      async 'session/resume'(params, client): Promise<ResumeSessionResponse> {
        const sessionId = textOf(params, 'sessionId');
        const stored = await options.store.read(sessionId);
        // It gives itself another title then, as some agents do.
        return open(sessionId, textOf(params, 'cwd'), client, stored && { ...stored, title: undefined });
      },

      async 'session/load'(params, client): Promise<ResumeSessionResponse> {
        const sessionId = textOf(params, 'sessionId');
        const stored = await kept(sessionId);
        const title = { sessionUpdate: 'session_info_update', title: stored.title };
        for (const update of [...(stored.title === undefined ? [] : [title]), ...stored.updates]) {
          await client.notify('session/update', { sessionId, update });
        }
        return open(sessionId, textOf(params, 'cwd'), client, stored);
      },

      async 'session/fork'(params, client): Promise<NewSessionResponse> {
        const stored = await kept(textOf(params, 'sessionId'));
        const sessionId = randomUUID();
        const answer = open(sessionId, textOf(params, 'cwd'), client, stored);
        await save(sessionId, find({ sessionId }).session);
        return { sessionId, ...answer };
      },

      async 'session/list'({ cwd, cursor }): Promise<ListSessionsResponse> {
        const stored = (await options.store.list()).filter((session) => cwd == null || session.cwd === cwd);
        const from = Number(cursor ?? 0);
        const page = stored.slice(from, from + PAGE);
        return {
          sessions: page.map(({ sessionId, cwd, title = null, updatedAt }) => ({ sessionId, cwd, title, updatedAt })),
          ...(stored.length > from + PAGE && { nextCursor: String(from + PAGE) }),
        };
      },
      'session/set_mode'(params) {
        const { modeId } = params;
        if (modeId !== 'ask' && modeId !== 'auto') throw invalidParams({ modeId });
        find(params).session.mode = modeId;
        return {};
      },
      'session/set_config_option'(params): SetSessionConfigOptionResponse {
        const { session } = find(params);
        const { configId, value } = params;
        if (configId === 'model' && models.includes(String(value))) session.model = String(value);
        else if (configId === 'brief' && typeof value === 'boolean') session.brief = value;
        else throw invalidParams({ configId });
        return { configOptions: configOf(session, models) };
      },
      async 'session/prompt'(params, client): Promise<PromptResponse> {
        const { sessionId, session } = find(params);
        return { stopReason: await runTurn(sessionId, session, promptOf(params), client) };
      },
      // As Codex has it: a message for the turn that runs.
      async '_session/steering'(params) {
        const { stage } = find(params).session;
        if (stage === undefined) return { outcome: 'promptRequired' };
        const noted = stage.text({ zh: '收到', en: 'Noted' });
        const text = `\n${noted}: ${promptOf(params)}\n`;
        await stage.send({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
        return { outcome: 'injected' };
      },
    },
    notifications: {
      'session/cancel': ({ sessionId }) => sessions.get(String(sessionId))?.turn?.abort(),
    },
  };

  async function runTurn(sessionId: string, session: DemoSession, prompt: string, client: Peer) {
    const turn = new AbortController();
    session.turn = turn;
    session.turns += 1;
    const { transcript } = session;
    transcript.add({ sessionUpdate: 'user_message_chunk', content: { type: 'text', text: prompt } });
    const stage = createStage({
      ...{ client, sessionId, prompt, streamsOutput },
      sent: transcript.add,
      cwd: session.cwd,
      signal: turn.signal,
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
    if (session.title === undefined) {
      session.title = prompt.slice(0, 80);
      await stage.send({ sessionUpdate: 'session_info_update', title: session.title });
    }
    const mode = session.mode;
    const scenario = chooseScenario(options.scenarios, prompt);
    session.stage = stage;
    const stopReason = await playScenario(stage, scenario).finally(() => save(sessionId, session));
    delete session.stage;
    if (session.mode !== mode) await stage.send({ sessionUpdate: 'current_mode_update', currentModeId: session.mode });
    await stage.send({ sessionUpdate: 'usage_update', used: session.turns * 1_200, size: 200_000 });
    const later = () => playLater(stage, scenario).then(() => save(sessionId, session));
    if (stopReason === 'end_turn' && scenario.later) setImmediate(() => void later()); // after the answer
    return stopReason;
  }
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

function textOf(params: Raw, name: string): string {
  const text = readText(params[name]);
  if (text === undefined) throw invalidParams({ [name]: 'expected a text' });
  return text;
}

function promptOf({ prompt }: Raw): string {
  if (!Array.isArray(prompt)) throw invalidParams({ prompt: 'expected a list of content blocks' });
  const texts = readObjects(prompt, prompt.length).map((block) => {
    if (block.type === 'text') return readText(block.text) ?? '';
    return block.type === 'resource_link' ? (readText(block.uri) ?? '') : `[${block.type}]`;
  });
  return texts.join('\n');
}
