import { type Raw, readObject, readText } from '../../map/read.js';
import { findMessage } from '../find-message.js';
import { createConversation, messageOf, updateOf } from './conversation.js';
import { offerVersion2, readOffer } from './initialize.js';
import { createOptions } from './options.js';
import { mapRequest } from './requests.js';
import { createSubAgents } from './sub-agents.js';
import { notice, type Update } from './wire.js';

/** The version that this folder knows. */
const VERSION = 2;

/**
 * Stands between a client of version 1 of ACP and an agent. An agent that answers `initialize` with version 2 is spoken to in
 * that one from then on, and heard; with any other, nothing is changed.
 */
export interface Translation {
  /** The lines of version 1 that say what a line of the agent says. To be called with each in order. */
  incoming(line: string): string[];
  /** The message for the agent. To be called with each in order, before it leaves. */
  outgoing(message: object): object;
}

/** Creates it for one connection, with one conversation. */
export function createTranslation(): Translation {
  /** Our requests that the agent has not answered yet. */
  const asked = new Map<unknown, Raw>();
  const options = createOptions();
  let speaks = false;
  /** The conversation; its id is unknown until it has begun. */
  let sessionId: string | undefined;
  const conversation = createConversation(options);
  const subAgents = createSubAgents();

  /** An answer that tells the settings of a conversation, after what version 1 does not have in it. */
  const withSettings = (answer: Raw, id: unknown): Raw[] => {
    const { configOptions: given, availableCommands, ...result } = readObject(answer.result) ?? {};
    const { notices, ...settings } = options.read(given);
    const commands = { sessionUpdate: 'available_commands_update', availableCommands };
    const updates = [...notices, ...(Array.isArray(availableCommands) ? [commands] : [])];
    return [...messageOf(id, updates), { ...answer, result: { ...result, ...settings } }];
  };

  const hearAnswer = (answer: Raw): Raw[] => {
    const request = asked.get(answer.id);
    asked.delete(answer.id);
    const result = readObject(answer.result);
    if (request?.method === 'initialize' && result) {
      speaks = result.protocolVersion === VERSION;
      return [speaks ? { ...answer, result: readOffer(result) } : answer];
    }
    if (!speaks) return [answer];
    const params = readObject(request?.params);
    switch (request?.method) {
      case 'session/prompt': {
        const { answer: ended, kept } = conversation.turn.answered(answer);
        return [...messageOf(params?.sessionId, kept.flatMap(conversation.update)), ...(ended ? [ended] : [])];
      }
      case 'session/new':
      case 'session/fork':
        if (result === undefined) return [answer];
        sessionId = readText(result.sessionId);
        return withSettings(answer, sessionId);
      case 'session/resume':
      case 'session/load':
        if (result === undefined) return [answer];
        sessionId = readText(params?.sessionId);
        return withSettings(answer, sessionId);
      case 'session/set_mode':
      case 'session/set_config_option': {
        if (result === undefined) return [answer];
        const { configOptions, notices } = options.read(result.configOptions);
        const changed =
          request.method === 'session/set_mode' ? [{ sessionUpdate: 'config_option_update', configOptions }] : [];
        return [
          ...messageOf(params?.sessionId, [...notices, ...changed]),
          { ...answer, result: { ...result, configOptions } },
        ];
      }
      default:
        return [answer];
    }
  };

  const hear = (message: Raw): Raw[] => {
    if (message.method === undefined) return hearAnswer(message);
    if (!speaks) return [message];
    const { sessionId: id, update } = updateOf(message);
    const subAgent = subAgents.find(id);
    const isOthers = id !== undefined && sessionId !== undefined && id !== sessionId;
    if (isOthers && subAgent === undefined) return [message];
    const said = subAgent?.conversation ?? conversation;
    const place = (updates: readonly Update[]) =>
      subAgent ? messageOf(sessionId, subAgent.place(updates)) : messageOf(id, updates);
    switch (message.method) {
      case 'session/update': {
        if (update.sessionUpdate === 'subagent_update') return messageOf(sessionId, subAgents.update(update));
        const updates = place(said.update(update));
        const ended = update.sessionUpdate === 'state_update' ? said.turn.state(update) : undefined;
        return ended === undefined ? updates : [...updates, ended];
      }
      case 'session/request_permission': {
        const { toolCall, updates, ...asked } = said.permission(readObject(message.params) ?? {}, message.id);
        const [call = {}] = subAgent?.place([toolCall]) ?? [toolCall];
        const { sessionUpdate: _kind, ...fields } = call;
        const params = { ...asked.params, sessionId: subAgent ? sessionId : id, toolCall: fields };
        return [...place(updates), { ...message, params }];
      }
      case 'elicitation/complete':
        return messageOf(sessionId, [notice('info', 'The agent says that what it asked for is done.')]);
      default:
        return [message];
    }
  };

  return {
    incoming(line) {
      if (!speaks && asked.size === 0) return [line];
      try {
        const message = findMessage<Raw>(line);
        if (message === undefined) return [line];
        const said = hear(message);
        return said[0] === message ? [line] : said.map((one) => JSON.stringify({ jsonrpc: '2.0', ...one }));
      } catch {
        return [line]; // it cannot be read, which is told where it is read
      }
    },
    outgoing(given) {
      const message = given as Raw;
      if (!speaks && message.method !== 'initialize') return message;
      if (message.id !== undefined && message.method !== undefined) asked.set(message.id, message);
      const params = readObject(message.params) ?? {};
      if (message.method === 'initialize') {
        return params.protocolVersion === VERSION ? { ...message, params: offerVersion2(params) } : message;
      }
      if (message.method === 'session/prompt') conversation.turn.begin(message.id);
      return mapRequest(message, options.modeId);
    },
  };
}
