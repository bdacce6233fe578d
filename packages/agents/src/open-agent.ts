import { homedir } from 'node:os';
import { AcpRequestError } from './acp/acp-request-error.js';
import type { AcpConnection } from './acp/connection.js';
import type { Agent, AgentInfo, OpenAgentOptions } from './agent.js';
import { AgentError } from './agent-error.js';
import { REDACTED } from './cassette/cassette.js';
import { createSecretRemover, secretValues } from './cassette/secrets.js';
import { applyChoices, setOption } from './configure.js';
import type { AgentDefinition, AgentLaunch, Environment } from './definition.js';
import { createEventPump } from './event-pump.js';
import { explainFailure } from './failure.js';
import { createUpdateMapper } from './map/map-update.js';
import { selectEnvironment } from './process/environment.js';
import { startProcess } from './process/process.js';
import { fillWrapper } from './process/wrapper.js';
import { runTurn } from './turn.js';

const ACP_VERSION = 1;

/**
 * Starts an agent and a conversation in `cwd`. Resolves when the agent answered `initialize` and `session/new` (or took
 * up the conversation of `resume`) and was told the settings. Rejects with `AgentSettingError` for a setting that it
 * cannot honour, and with `AgentError` of kind `start`, the end of stderr in it, for every other failure; no process is
 * left behind then.
 */
export async function openAgent(options: OpenAgentOptions): Promise<Agent> {
  const { definition, cwd, handler } = options;
  if (options.signal?.aborted) throw calledOff(definition);
  // With the first agent: a server that has none yet answers sooner without it.
  const { connectAcp } = await import('./acp/connection.js');
  const serverEnvironment = options.env ?? process.env;
  const launch = await definition.launch(options.settings, serverEnvironment);
  const env = selectEnvironment(serverEnvironment, definition.passEnv, { ...definition.env, ...launch.env });
  const { wrapper = [], recorder = [] } = definition;
  const secrets = knownSecrets(options, { ...serverEnvironment, ...env });
  const inMemory = wrapper.length + recorder.length === 0 ? definition.runInMemory : undefined;
  const agentProcess = inMemory
    ? inMemory({ env })
    : await startProcess({
        ...commandLine(options, launch, env.HOME),
        cwd,
        env,
        closeGraceMs: options.closeGraceMs ?? 3_000,
        clean: secrets.clean,
        ...(options.registryDir !== undefined && { registryDir: options.registryDir }),
      });

  const connection = connectAcp(agentProcess.output, agentProcess.input, options.limits, secrets.values);
  const mapper = createUpdateMapper();
  const pump = createEventPump({ connection, mapper, handler, fail: () => void agentProcess.close() });
  // An agent that stops speaking ACP is of no use any more, be it alive or not.
  void connection.closed.then(() => agentProcess.close());

  const start = async () => {
    const hello = await connection.initialize();
    if (hello.protocolVersion !== ACP_VERSION) {
      throw new AgentError(
        'start',
        `${definition.title} speaks version ${hello.protocolVersion} of ACP, not ${ACP_VERSION}`,
      );
    }
    const conversation = await openConversation(connection, hello.agentCapabilities ?? {}, options, launch.sessionMeta);
    mapper.seed(conversation.response);
    pump.follow(conversation.acpSessionId);
    await applyChoices(connection, mapper, conversation.acpSessionId, launch);
    return { hello, ...conversation };
  };
  const explain = (during: 'start' | 'turn') => (error: unknown) =>
    explainFailure(during, definition.title, secrets.clean, error, connection, agentProcess);
  const started = await withinTime(start(), options).catch(async (error) => {
    // Its own words first: an agent that is ended has nothing more to say.
    const [failure] = await Promise.all([explain('start')(error), agentProcess.close()]);
    throw failure;
  });
  pump.open();

  const { acpSessionId, resumed, canResume, hello } = started;
  let running: AbortController | undefined;
  return {
    get info(): AgentInfo {
      const { modes, commands, configOptions } = mapper.state;
      return {
        name: hello.agentInfo?.title ?? hello.agentInfo?.name ?? definition.title,
        ...(hello.agentInfo && { version: hello.agentInfo.version.slice(0, 256) }),
        acpSessionId,
        resumed,
        canResume,
        ...(modes && { modes }),
        commands,
        configOptions,
        acceptsImages: hello.agentCapabilities?.promptCapabilities?.image === true,
        garbageLines: connection.garbageLines,
        ...(agentProcess.pid !== undefined && { pid: agentProcess.pid }),
      };
    },
    async prompt(turn) {
      if (running) throw new Error('The agent takes one turn at a time');
      const interrupt = new AbortController();
      running = interrupt;
      const parts = { connection, pump, mapper, acpSessionId, interrupted: interrupt.signal, explain: explain('turn') };
      try {
        return await runTurn(parts, turn);
      } finally {
        running = undefined;
      }
    },
    async cancel() {
      if (!running) return;
      running.abort();
      // First the word that the turn is over, then the answers to what it waits for: nothing new is begun in between.
      await connection.cancel(acpSessionId).catch(() => undefined); // gone: `prompt` tells it
      pump.withdraw();
    },
    async configure(configId, value) {
      const effect = await setOption(connection, mapper, acpSessionId, configId, value);
      await pump.step(() => mapper.map(effect));
    },
    exited: agentProcess.exited,
    async close() {
      pump.withdraw();
      await agentProcess.close();
      connection.close();
    },
  };
}

/** A shorter value of a variable may be a word that an agent has other reasons to say. */
const MIN_SPOKEN_SECRET = 16;

/**
 * What an agent must not be heard to say. The secrets of the environment, also of variables that it was not given, go out
 * of everything; out of stderr and errors, where nobody needs them whole, also what only looks like a secret.
 */
function knownSecrets({ secrets = [] }: OpenAgentOptions, env: Environment) {
  const remover = createSecretRemover(env);
  const values = [...secrets, ...secretValues(env, MIN_SPOKEN_SECRET)];
  const clean = (text: string) =>
    remover.remove(secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text));
  return { values, clean };
}

/** What is started: the agent's command, in its wrapper, behind its recorder. */
function commandLine(
  { definition, cwd, workspace = cwd, dataDir }: OpenAgentOptions,
  launch: AgentLaunch,
  home?: string,
) {
  const places = { cwd, workspace, data_dir: dataDir, home: home ?? homedir() };
  const wrapper = fillWrapper(definition.wrapper ?? [], places);
  const [command = '', ...args] = [...(definition.recorder ?? []), ...wrapper, definition.command, ...definition.args];
  return { command, args: [...args, ...(launch.args ?? [])] };
}

interface Capabilities {
  readonly loadSession?: boolean;
  readonly sessionCapabilities?: { readonly resume?: object | null };
}

async function openConversation(
  connection: AcpConnection,
  can: Capabilities,
  { cwd, resume }: OpenAgentOptions,
  meta: AgentLaunch['sessionMeta'],
) {
  // `resume` is preferred: `load` replays the whole conversation, which the log has already.
  const method = can.sessionCapabilities?.resume ? 'resume' : can.loadSession ? 'load' : undefined;
  const canResume = method !== undefined;
  if (resume !== undefined && method) {
    try {
      const response = await connection.reopenSession(method, cwd, resume, meta);
      return { response, acpSessionId: resume, resumed: true, canResume };
    } catch (error) {
      if (!(error instanceof AcpRequestError)) throw error; // the agent is gone
      // It no longer knows the conversation: a new one, and `resumed` says so.
    }
  }
  const response = await connection.newSession(cwd, meta);
  return { response, acpSessionId: response.sessionId, resumed: false, canResume };
}

/** Gives a start its end, whatever the agent does. */
async function withinTime<Started>(start: Promise<Started>, options: OpenAgentOptions): Promise<Started> {
  const { title } = options.definition;
  const timeoutMs = options.startTimeoutMs ?? 30_000;
  const signal = options.signal ?? new AbortController().signal;
  let giveUp: ((error: Error) => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const abort = () => giveUp?.(calledOff(options.definition));
  const late = () => giveUp?.(new AgentError('start', `${title} did not start within ${timeoutMs} ms`));
  const timer = setTimeout(late, timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([start, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function calledOff({ title }: AgentDefinition): AgentError {
  return new AgentError('start', `The start of ${title} was called off`);
}
