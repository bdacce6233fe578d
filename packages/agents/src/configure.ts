import type { ConfigOption } from '@parleyhq/contract';
import { AcpRequestError } from './acp/acp-request-error.js';
import type { AcpConnection } from './acp/connection.js';
import { AgentSettingError } from './agent-error.js';
import type { AgentLaunch } from './definition.js';
import type { UpdateMapper } from './map/map-update.js';

/** A change of a setting, written as the update that an agent sends when it makes the change itself. */
type Effect = { readonly sessionUpdate: string; readonly [name: string]: unknown };

/** Sets the model and the mode that the settings ask for, on an agent that has just started. Throws `AgentSettingError`. */
export async function applyChoices(
  connection: AcpConnection,
  mapper: UpdateMapper,
  acpSessionId: string,
  launch: AgentLaunch,
): Promise<void> {
  for (const setting of ['model', 'mode'] as const) {
    const wanted = launch[setting];
    if (wanted === undefined) continue;
    const option = mapper.state.configOptions.find(({ category, config_id }) => (category ?? config_id) === setting);
    const name = setting === 'mode' ? 'approval_policy' : setting;
    const effect = await setOption(connection, mapper, acpSessionId, option?.config_id ?? setting, wanted, name);
    mapper.map(effect);
  }
}

/**
 * Sets one of the agent's options, or its mode if it offers modes but no option for them. Returns the update to be mapped
 * after everything that the agent has sent so far. Throws an `AgentSettingError` that names `setting` if the agent does not
 * offer it.
 */
export async function setOption(
  connection: AcpConnection,
  mapper: UpdateMapper,
  acpSessionId: string,
  configId: string,
  value: string | boolean,
  setting: string = configId,
): Promise<Effect> {
  const { configOptions, modes } = mapper.state;
  const option = configOptions.find(({ config_id }) => config_id === configId);
  try {
    if (option) {
      const chosen = checkValue(option, value, setting);
      const configOptions = await connection.setConfigOption(acpSessionId, configId, chosen);
      return { sessionUpdate: 'config_option_update', configOptions };
    }
    if (configId !== 'mode' || !modes) throw new AgentSettingError(setting, `The agent offers no ${configId}`);
    const offered = modes.available.map(({ mode_id }) => mode_id);
    if (typeof value !== 'string' || !offered.includes(value)) {
      throw new AgentSettingError(setting, `Expected one of the agent's modes (${offered.join(', ')}), got ${value}`);
    }
    await connection.setMode(acpSessionId, value);
    return { sessionUpdate: 'current_mode_update', currentModeId: value };
  } catch (error) {
    if (error instanceof AcpRequestError) throw new AgentSettingError(setting, `The agent refused: ${error.message}`);
    throw error;
  }
}

function checkValue(option: ConfigOption, value: string | boolean, setting: string): string | boolean {
  if (option.kind === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new AgentSettingError(setting, `Expected true or false for ${option.name}, got ${JSON.stringify(value)}`);
  }
  const values = option.values.map((known) => known.value);
  if (typeof value === 'string' && values.includes(value)) return value;
  const some = `${values.slice(0, 20).join(', ')}${values.length > 20 ? ', …' : ''}`;
  throw new AgentSettingError(setting, `Expected one of ${some} for ${option.name}, got ${JSON.stringify(value)}`);
}
