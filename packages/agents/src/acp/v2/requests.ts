import { type Raw, readObject, readObjects } from '../../map/read.js';

/** What is asked of an agent of version 2, in place of a request of version 1. */
export function mapRequest(message: Raw, modeId: string | undefined): Raw {
  const params = readObject(message.params) ?? {};
  switch (message.method) {
    case 'authenticate':
      return { ...message, method: 'auth/login' };
    case 'logout':
      return { ...message, method: 'auth/logout' };
    case 'session/new':
    case 'session/resume':
    case 'session/fork':
      return { ...message, params: withServers(params) };
    case 'session/load':
      return {
        ...message,
        method: 'session/resume',
        params: { ...withServers(params), replayFrom: { type: 'start' } },
      };
    case 'session/set_config_option':
      return { ...message, params: { ...params, type: typeof params.value === 'boolean' ? 'boolean' : 'id' } };
    case 'session/set_mode': {
      const { modeId: value, ...more } = params;
      return {
        ...message,
        method: 'session/set_config_option',
        params: { ...more, configId: modeId, type: 'id', value },
      };
    }
    default:
      return message;
  }
}

function withServers(params: Raw): Raw {
  const mcpServers = readObjects(params.mcpServers, Number.POSITIVE_INFINITY);
  return { ...params, mcpServers: mcpServers.map((server) => ({ type: 'stdio', ...server })) };
}
