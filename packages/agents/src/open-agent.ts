import { setTimeout as delay } from 'node:timers/promises';
import { AcpRequestError } from './acp/acp-request-error.js';
import type { Agent, AgentInfo, OpenAgentOptions } from './agent.js';
import { AgentError } from './agent-error.js';
import { checkSurroundings, offers, readCapabilities } from './capabilities.js';
import { applyChoices, setOption } from './configure.js';
import type { AgentDefinition } from './definition.js';
import { createEventPump } from './event-pump.js';
import { explainFailure } from './failure.js';
import { launchAgent } from './launch-agent.js';
import { loginMethods } from './login.js';
import { findOption } from './map/find-option.js';
import { createHistoryReader } from './map/history.js';
import { createUpdateMapper } from './map/map-update.js';
import { readObject, readText } from './map/read.js';
import { createReplay } from './map/replay.js';
import { openConversation } from './open-conversation.js';
import { restoreSettings } from './restore-settings.js';
import { mapPrompt, runTurn } from './turn.js';
import { createUsageMeter } from './usage-meter.js';

/**
 * Starts an agent and a conversation in `cwd`. Resolves when the agent has answered `initialize` and `session/new` (or has
 * resumed the conversation of `resume` and no longer repeats it) and the settings are applied. Rejects with `AgentSettingError` for a setting that
 * the agent does not support, and with `AgentError` of kind `start`, which has the end of stderr, for every other failure. No
 * process is left behind then.
 */
export async function openAgent(options: OpenAgentOptions): Promise<Agent> {
  const { definition, handler } = options;
  if (options.signal?.aborted) throw startCancelled(definition);
  const { agentProcess, connection, launch, env, secrets, initialize } = await launchAgent(options);
  const mapper = createUpdateMapper({ budget: options.editBudget });
  const replay = createReplay(options.replaySilenceMs ?? 300);
  const history = options.takeUp?.by === 'load' ? createHistoryReader(options.historyBounds) : undefined;
  const pump = createEventPump({ connection, mapper, replay, history, handler, fail: () => void agentProcess.close() });

  const start = async () => {
    const initialized = await initialize();
    options.onLoginMethods?.(loginMethods(initialized.authMethods, definition));
    const capabilities = readCapabilities(initialized);
    checkSurroundings(definition.title, initialized, options);
    // It tells of the session before it answers.
    if (options.takeUp?.by === 'load') pump.follow(options.takeUp.sessionId);
    const conversation = await openConversation({
      ...{ connection, initialized, options, replay, env },
      meta: launch.sessionMeta,
    });
    await pump.step(() => {
      replay.answered();
      return [];
    });
    const { acpSessionId, resumed, response } = conversation;
    const { shown } = options;
    mapper.seed(response, resumed ? shown : undefined);
    pump.follow(acpSessionId);
    if (shown === undefined) {
      await applyChoices(connection, mapper, acpSessionId, launch);
      return { initialized, capabilities, settingsLost: [], ...conversation };
    }
    // The model that was chosen first is among what the session shows.
    const { model, ...mode } = launch;
    await applyChoices(connection, mapper, acpSessionId, findOption(shown.configOptions, 'model') ? mode : launch);
    const late = AbortSignal.timeout((options.startTimeoutMs ?? 30_000) / 2);
    const settingsLost = await restoreSettings(connection, mapper, acpSessionId, shown, late);
    return { initialized, capabilities, settingsLost, ...conversation };
  };
  const explain = (during: 'start' | 'turn') => (error: unknown) =>
    explainFailure(during, definition.title, secrets.clean, error, connection, agentProcess);
  const started = await withinTime(start(), options).catch(async (error) => {
    // The explanation reads what the agent said, so it begins before the agent is ended.
    const [failure] = await Promise.all([explain('start')(error), agentProcess.close()]);
    throw failure;
  });
  // An agent that repeats its conversation for longer than this gets its message meanwhile.
  const patience = AbortSignal.timeout(options.startTimeoutMs ?? 30_000);
  // Without this: loses what an agent tells of its session after it has answered
  if (history) await replay.over(options.signal ? AbortSignal.any([patience, options.signal]) : patience);
  const told = history?.read();
  pump.open();
  // Without this: gives the agent a message while it still repeats its conversation
  await replay.over(options.signal ? AbortSignal.any([patience, options.signal]) : patience);
  if (options.signal?.aborted) {
    await agentProcess.close();
    throw startCancelled(definition);
  }

  const { acpSessionId, resumed, refusal, initialized, capabilities, settingsLost } = started;
  // Version 2 counts what has been done since the agent was idle.
  const meter = createUsageMeter(initialized.protocolVersion === 2 ? 'turn' : definition.usageCounts);
  let running: AbortController | undefined;
  return {
    ...(told && { history: told }),
    get info(): AgentInfo {
      const { modes, commands, configOptions } = mapper.state;
      return {
        name: initialized.name ?? definition.title,
        ...(initialized.version !== undefined && { version: initialized.version }),
        acpSessionId,
        resumed,
        ...(refusal !== undefined && { refusal: readText(secrets.clean(refusal), 4_096) ?? '' }),
        ...(modes && { modes }),
        commands,
        configOptions,
        settingsLost,
        capabilities,
        garbageLines: connection.garbageLines,
        ...(agentProcess.pid !== undefined && { pid: agentProcess.pid }),
      };
    },
    async prompt(turn) {
      if (running) throw new Error('The agent takes one turn at a time');
      // Without this: gives an image to an agent that takes none
      if (!capabilities.includes('images') && turn.content.some(({ type }) => type === 'image')) {
        throw new AgentError('turn', `${definition.title} takes no images.`);
      }
      const interrupt = new AbortController();
      running = interrupt;
      const parts = {
        connection,
        pump,
        mapper,
        replay,
        meter,
        acpSessionId,
        interrupted: interrupt.signal,
        stderrSize: agentProcess.stderrSize,
        stderrSince: agentProcess.stderrTail,
        explain: explain('turn'),
      };
      try {
        return await runTurn(parts, turn);
      } finally {
        running = undefined;
      }
    },
    async steer(content) {
      try {
        const outcome = await connection.steer({ sessionId: acpSessionId, prompt: content.map(mapPrompt) });
        return outcome === 'injected' || outcome === 'startedNewTurn';
      } catch (error) {
        if (error instanceof AcpRequestError) return false;
        throw await explain('turn')(error);
      }
    },
    endTurn: (failed) => pump.step(() => mapper.endTurn(failed)),
    async cancel() {
      if (!running && mapper.turnId === undefined) return;
      running?.abort();
      // The cancellation goes out first, then `cancelled` for its open requests: so the agent begins nothing new in between.
      await connection.cancel(acpSessionId).catch(() => undefined); // the agent has ended: `prompt` rejects
      pump.withdraw();
    },
    async configure(configId, value) {
      const effect = await setOption(connection, mapper, acpSessionId, configId, value);
      await pump.step(effect);
    },
    exited: agentProcess.exited,
    async close(forGood = false) {
      pump.withdraw();
      if (forGood && offers(readObject(initialized.capabilities.sessionCapabilities)?.close)) {
        const told = connection.closeSession(acpSessionId).catch(() => undefined); // it is ended in any case
        await Promise.race([told, agentProcess.exited, delay(READ_GRACE_MS, undefined, { ref: false })]);
      }
      await agentProcess.close();
      // Without this: ends the turn of an agent before the last that it said in it
      await Promise.race([connection.closed, delay(READ_GRACE_MS, undefined, { ref: false })]);
      connection.close();
    },
  };
}

/** How long to wait for the last answer of an agent, and until all that it said is read: its handler may take nothing more. */
const READ_GRACE_MS = 1_000;

/** Waits for a start, but not longer than `startTimeoutMs` and not after `signal` aborts. */
async function withinTime<Started>(start: Promise<Started>, options: OpenAgentOptions): Promise<Started> {
  const { title } = options.definition;
  const timeoutMs = options.startTimeoutMs ?? 30_000;
  const signal = options.signal ?? new AbortController().signal;
  let rejectStart: ((error: Error) => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    rejectStart = reject;
  });
  const abort = () => rejectStart?.(startCancelled(options.definition));
  const onTimeout = () => rejectStart?.(new AgentError('start', `${title} did not start within ${timeoutMs} ms`));
  const timer = setTimeout(onTimeout, timeoutMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([start, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function startCancelled({ title }: AgentDefinition): AgentError {
  return new AgentError('start', `The start of ${title} was cancelled`);
}
