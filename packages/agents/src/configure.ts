import type { ConfigOption } from '@parleyhq/contract';
import { AcpRequestError } from './acp/acp-request-error.js';
import type { AcpConnection } from './acp/connection.js';
import { AgentSettingError } from './agent-error.js';
import type { AgentEvent } from './agent-event.js';
import type { AgentLaunch } from './definition.js';
import { findOption, findValues } from './map/find-option.js';
import type { UpdateMapper } from './map/map-update.js';
import { readObjects } from './map/read.js';

/** Maps a change of a setting. To be called after everything that the agent has sent before its answer. */
type Effect = () => AgentEvent[];

/** Sets the model and the mode that the settings ask for, on an agent that has just started. Throws `AgentSettingError`. */
export async function applyChoices(
  connection: AcpConnection,
  mapper: UpdateMapper,
  acpSessionId: string,
  launch: Pick<AgentLaunch, 'model' | 'mode'>,
): Promise<void> {
  for (const setting of ['model', 'mode'] as const) {
    const wanted = launch[setting];
    if (wanted === undefined) continue;
    const name = setting === 'mode' ? 'approval_policy' : setting;
    const effect = await setOption(connection, mapper, acpSessionId, setting, wanted, name);
    effect();
  }
}

/**
 * Sets one of the agent's options. `mode` and `model` also name the agent's modes, and its option for that, whatever its id is.
 * Throws an `AgentSettingError` that names `setting` if the agent does not offer it.
 */
export async function setOption(
  connection: AcpConnection,
  mapper: UpdateMapper,
  acpSessionId: string,
  configId: string,
  value: string | boolean,
  setting: string = configId,
): Promise<Effect> {
  const { configOptions, modes, models } = mapper.state;
  const isSetting = configId === 'model' || configId === 'mode';
  const exact = configOptions.find(({ config_id }) => config_id === configId);
  const offered = configId === 'mode' ? (modes?.available.map(({ mode_id }) => mode_id) ?? []) : [];
  try {
    if (exact === undefined && typeof value === 'string' && offered.includes(value)) {
      await connection.setMode(acpSessionId, value);
      return () => mapper.map({ sessionUpdate: 'current_mode_update', currentModeId: value });
    }
    const option = exact ?? (isSetting ? findOption(configOptions, configId, value) : undefined);
    if (option === undefined && offered.length > 0) {
      throw new AgentSettingError(setting, `Expected one of the agent's modes (${offered.join(', ')}), got ${value}`);
    }
    if (option === undefined) throw new AgentSettingError(setting, `The agent offers no ${configId}`);
    const id = option.config_id;
    const chosen = checkValue(option, value, setting, configOptions);
    if (id === models?.config_id) {
      await connection.setModel(acpSessionId, String(chosen));
      return () => mapper.choose(id, chosen);
    }
    const answered = await connection.setConfigOption(acpSessionId, id, chosen);
    // Without this: forgets all options when an agent answers without them
    const isWhole = readObjects(answered, 256).some((one) => one.id === id);
    return () =>
      isWhole
        ? mapper.map({ sessionUpdate: 'config_option_update', configOptions: answered })
        : mapper.choose(id, chosen);
  } catch (error) {
    if (error instanceof AcpRequestError) throw new AgentSettingError(setting, `The agent refused: ${error.message}`);
    throw error;
  }
}

/** The value to be set. Only that of the model may leave its provider out, where one model alone is meant. */
function checkValue(
  option: ConfigOption,
  value: string | boolean,
  setting: string,
  options: readonly ConfigOption[],
): string | boolean {
  const got = JSON.stringify(value);
  if (option.kind === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new AgentSettingError(setting, `Expected true or false for ${option.name}, got ${got}`);
  }
  const isModel = findOption(options, 'model', value) === option;
  const [meant, another] = findValues(option, value);
  // Without this: chooses one of several models that are called alike
  const isPlain = meant === value || (isModel && another === undefined);
  if (meant !== undefined && isPlain) return meant;
  const values = option.values.map((known) => known.value);
  const some = `${values.slice(0, 20).join(', ')}${values.length > 20 ? ', …' : ''}`;
  throw new AgentSettingError(setting, `Expected one of ${some} for ${option.name}, got ${got}`);
}
