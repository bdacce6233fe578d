import { AcpRequestError, LOGIN_REQUIRED } from './acp/acp-request-error.js';
import type { AcpConnection } from './acp/connection.js';
import type { Initialized } from './acp/read-answers.js';
import type { OpenAgentOptions } from './agent.js';
import { AgentError, AgentSettingError, AgentUnsupportedError } from './agent-error.js';
import { offers, readCapabilities, toAcp } from './capabilities.js';
import type { AgentDefinition, AgentLaunch, Environment } from './definition.js';
import { describeMethods, readyMethod } from './login.js';
import { readObject, readText } from './map/read.js';
import type { Replay } from './map/replay.js';

/** What a conversation is opened with. */
export interface ConversationParts {
  readonly connection: AcpConnection;
  readonly initialized: Initialized;
  readonly options: OpenAgentOptions;
  readonly replay: Replay;
  readonly meta: AgentLaunch['sessionMeta'];
  readonly env: Environment;
}

/**
 * Takes up the conversation of `resume`, or starts a new one. An agent that wants a login first is logged in where that needs
 * nobody. Rejects with `AgentError` of kind `login` where it does.
 */
export async function openConversation(parts: ConversationParts) {
  return withLogin({ ...parts, definition: parts.options.definition }, (canLogIn) => open(parts, canLogIn));
}

/** Asks an agent for something. Where it wants a login first that needs nobody, it gets that, and is asked again. */
export async function withLogin<T>(
  {
    connection,
    initialized,
    env,
    definition,
  }: Pick<ConversationParts, 'connection' | 'initialized' | 'env'> & { readonly definition: AgentDefinition },
  ask: (canLogIn: boolean) => Promise<T>,
): Promise<T> {
  const { authMethods } = initialized;
  const method = readyMethod(authMethods, definition, env);
  try {
    return await ask(method !== undefined);
  } catch (error) {
    if (!wantsLogin(error)) throw error;
    if (method === undefined) {
      const methods = describeMethods(authMethods, definition);
      throw new AgentError('login', `${definition.title} wants a login first: ${error.message}`, { methods });
    }
    await connection.authenticate(method.id);
    return ask(false);
  }
}

function wantsLogin(error: unknown): error is AcpRequestError {
  return error instanceof AcpRequestError && error.code === LOGIN_REQUIRED;
}

/** `canLogIn`: a resumption that wants a login is tried again after one, so it is not given up here. */
async function open({ connection, initialized, options, replay, meta }: ConversationParts, canLogIn: boolean) {
  const { cwd, resume } = options;
  const { capabilities } = initialized;
  const place = { cwd, ...toAcp(options), ...(meta && { _meta: meta }) };
  if (options.takeUp)
    return takeUp({ connection, initialized, replay }, options.definition.title, options.takeUp, place);
  // `resume` is preferred: `load` replays the whole conversation, which the log has already.
  const method = offers(readObject(capabilities.sessionCapabilities)?.resume)
    ? 'resume'
    : capabilities.loadSession === true
      ? 'load'
      : undefined;
  let refusal: string | undefined;
  if (resume !== undefined && method) {
    try {
      replay.begin();
      const response = await connection.reopenSession(method, { ...place, sessionId: resume });
      return { response, acpSessionId: resume, resumed: true, refusal: undefined };
    } catch (error) {
      if (!(error instanceof AcpRequestError)) throw error; // the agent has ended
      // Without this: begins a new conversation where a login would have brought the old one back
      if (canLogIn && wantsLogin(error)) throw error;
      // The agent no longer knows the conversation. A new one is started, and `resumed` is false.
      refusal = error.message;
    }
  }
  replay.none();
  const response = await connection.newSession(place);
  return { response, acpSessionId: response.sessionId, resumed: false, refusal };
}

/** Begins with a session of the agent's own, or a copy of one. */
async function takeUp(
  { connection, initialized, replay }: Pick<ConversationParts, 'connection' | 'initialized' | 'replay'>,
  title: string,
  { by, sessionId, orNew = false }: NonNullable<OpenAgentOptions['takeUp']>,
  place: Parameters<AcpConnection['newSession']>[0],
) {
  const can = readCapabilities(initialized);
  const request = { ...place, sessionId };
  if (by === 'fork') {
    if (!can.includes('fork')) throw new AgentUnsupportedError('', `${title} cannot fork a session`);
    replay.none();
    const response = await connection.forkSession(request).catch((error: unknown) => {
      if (orNew && error instanceof AcpRequestError && !wantsLogin(error)) return connection.newSession(place);
      throw error;
    });
    return { response, acpSessionId: response.sessionId, resumed: true, refusal: undefined };
  }
  // Without this: takes up a session without its history where the agent could tell it
  const method = can.includes('load_session') ? 'load' : 'resume';
  if (!can.includes('resume')) {
    throw new AgentUnsupportedError('resume_agent_session', `${title} cannot take up a session of its own`);
  }
  try {
    replay.begin();
    const response = await connection.reopenSession(method, request);
    return { response, acpSessionId: sessionId, resumed: true, refusal: undefined };
  } catch (error) {
    if (!(error instanceof AcpRequestError)) throw error;
    const reason = readText(error.message, 1_024);
    if (wantsLogin(error)) throw error;
    throw new AgentSettingError('resume_agent_session', `${title} does not take up this session: ${reason}`);
  }
}
