import type { AgentCommand, AgentModes, ConfigOption, ConfigValue } from '@parleyhq/contract';
import { findOption } from './find-option.js';
import { compact, type Raw, readObject, readObjects, readText, readWithin } from './read.js';

/** The most characters of each list as JSON. They are kept for every session, and all of them must fit into one event. */
const SIZES = { modes: 24_576, commands: 65_536, configOptions: 114_688 };

/** What is known about the conversation as a whole. */
export interface SessionState {
  readonly modes?: AgentModes;
  readonly commands: readonly AgentCommand[];
  readonly configOptions: readonly ConfigOption[];
  /** The one of `configOptions` that stands for the `models` of an agent which has no option of its own for that. */
  readonly models?: ConfigOption;
}

/** Takes what an answer to `session/new`, `resume` or `load` says of modes, models and options. */
export function seedState(state: SessionState, response: unknown): SessionState {
  const { modes, configOptions, models } = readObject(response) ?? {};
  const known = mapModes(modes);
  const { models: before, ...rest } = { ...state, ...(known && { modes: known }) };
  const named = mapModels(models) ?? before;
  if (named === undefined && !Array.isArray(configOptions)) return rest;
  return withOptions(
    { ...rest, ...(named && { models: named }) },
    Array.isArray(configOptions) ? mapConfigOptions(configOptions) : ownOptions(state),
  );
}

/** The options that the agent itself calls so. */
export function ownOptions({ configOptions, models }: SessionState): readonly ConfigOption[] {
  return configOptions.filter(({ config_id }) => config_id !== models?.config_id);
}

/** The state with these options of the agent, and its models beside them unless one of them is the model already. */
export function withOptions({ models, ...state }: SessionState, options: readonly ConfigOption[]): SessionState {
  if (models === undefined || findOption(options, 'model') !== undefined) return { ...state, configOptions: options };
  return { ...state, configOptions: withinSize([...options, models]), models };
}

/** Maps ACP's mode state, as `session/new` gives it. */
export function mapModes(value: unknown): AgentModes | undefined {
  const state = readObject(value);
  const current = readText(state?.currentModeId, 256);
  if (!state || !current) return undefined;
  const available = readObjects(state.availableModes, 256).flatMap((mode) => {
    const mode_id = readText(mode.id, 256);
    if (!mode_id) return [];
    const name = readText(mode.name, 256) ?? mode_id;
    return [compact({ mode_id, name, description: readText(mode.description, 4096) })];
  });
  return { current, available: readWithin(available, SIZES.modes) };
}

/** Maps the commands that an agent offers. */
export function mapCommands(value: unknown): AgentCommand[] {
  const commands = readObjects(value, 1024).flatMap((command) => {
    const name = readText(command.name, 256);
    if (!name) return [];
    const description = readText(command.description, 4096) ?? '';
    return [compact({ name, description, input_hint: readText(readObject(command.input)?.hint, 4096) })];
  });
  return readWithin(commands, SIZES.commands);
}

/** Maps an agent's own options. An option of an unknown kind is left out, and so are values for which there is no room. */
export function mapConfigOptions(value: unknown): ConfigOption[] {
  return withinSize(readObjects(value, 256).flatMap((option) => mapConfigOption(option) ?? []));
}

/** Maps ACP's model state to an option like any other. */
function mapModels(value: unknown): ConfigOption | undefined {
  const { currentModelId: currentValue, availableModels } = readObject(value) ?? {};
  const options = readObjects(availableModels, 1024).map((model) => ({ ...model, value: model.modelId }));
  const [model] = mapConfigOptions([
    { id: 'model', name: 'Model', category: 'model', type: 'select', currentValue, options },
  ]);
  return model;
}

function withinSize(options: readonly ConfigOption[]): ConfigOption[] {
  const bare = readWithin(
    options.map((option) => ({ ...option, values: [] })),
    SIZES.configOptions / 2,
  );
  let room = SIZES.configOptions / 2;
  return bare.map((option, index) => {
    const values = readWithin(options[index]?.values ?? [], room);
    room -= JSON.stringify(values).length;
    return { ...option, values };
  });
}

function mapConfigOption(option: Raw): ConfigOption | undefined {
  const config_id = readText(option.id, 256);
  if (!config_id) return undefined;
  const about = {
    config_id,
    name: readText(option.name, 256) ?? config_id,
    description: readText(option.description, 4096),
    category: readText(option.category, 256),
  };
  if (option.type === 'boolean') {
    return compact({ ...about, kind: 'boolean' as const, value: option.currentValue === true, values: [] });
  }
  const current = readText(option.currentValue, 1024);
  if (option.type !== 'select' || current === undefined) return undefined;
  return compact({ ...about, kind: 'select' as const, value: current, values: mapValues(option.options) });
}

/** The values of a select option. ACP sends them as one list, or in groups. */
function mapValues(options: unknown): ConfigValue[] {
  const values = readObjects(options, 1024).flatMap((entry) => {
    const group = readText(entry.name, 256);
    if (!Array.isArray(entry.options)) return mapValue(entry) ?? [];
    return readObjects(entry.options, 1024).flatMap((value) => mapValue(value, group) ?? []);
  });
  return values.slice(0, 1024);
}

function mapValue(entry: Raw, group?: string): ConfigValue | undefined {
  const value = readText(entry.value, 1024);
  if (value === undefined) return undefined;
  const name = readText(entry.name, 256) ?? value.slice(0, 256);
  return compact({ value, name, description: readText(entry.description, 4096), group });
}
