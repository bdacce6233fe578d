import type { ConfigOption } from '@parleyhq/contract';
import type { AcpConnection } from './acp/connection.js';
import type { ShownSettings } from './agent.js';
import { AgentSettingError } from './agent-error.js';
import { setOption } from './configure.js';
import { findOption } from './map/find-option.js';
import type { UpdateMapper } from './map/map-update.js';
import { readText } from './map/read.js';

/** Options may depend on each other. */
const MAX_PASSES = 3;

/**
 * Sets what the session shows again on an agent that was started anew, where it has other values. What it did not say when it
 * resumed is set too. Resolves with the settings that could not be set before `late` is aborted, each with its value.
 */
export async function restoreSettings(
  connection: AcpConnection,
  mapper: UpdateMapper,
  acpSessionId: string,
  shown: ShownSettings,
  late: AbortSignal,
): Promise<string[]> {
  const { modes, configOptions } = shown;
  const untold = new Set(
    mapper.state.configOptions === configOptions ? configOptions.map(({ config_id }) => config_id) : [],
  );
  if (modes && mapper.state.modes === modes) untold.add('mode');
  const model = findOption(configOptions, 'model');
  const isModel = (option: ConfigOption) => Number(option === model || option.category === 'model');
  const wanted: Wanted[] = configOptions
    .filter((option) => modes === undefined || mapper.state.modes === undefined || !isMode(option))
    // The choice of a model may set others back, and not every agent tells that.
    .sort((a, b) => isModel(b) - isModel(a))
    .map(({ config_id, name, value }) => ({ id: config_id, name, value, now: () => currentValue(mapper, config_id) }));
  if (modes) wanted.push({ id: 'mode', name: 'mode', value: modes.current, now: () => mapper.state.modes?.current });
  const differs = ({ id, value, now }: Wanted) => untold.has(id) || now() !== value;

  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    let changed = false;
    // Without this: keeps the values that each process of an agent begins with
    for (const setting of wanted.filter(differs)) {
      const effect = await inTime(setOption(connection, mapper, acpSessionId, setting.id, setting.value), late);
      if (effect === undefined) continue;
      effect();
      untold.delete(setting.id);
      changed = true;
    }
    if (!changed) break;
  }
  return wanted.filter(differs).map(({ name, value }) => `${name} (${readText(String(value), 128)})`);
}

interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly value: string | boolean;
  readonly now: () => string | boolean | undefined;
}

function currentValue(mapper: UpdateMapper, id: string): string | boolean | undefined {
  return mapper.state.configOptions.find(({ config_id }) => config_id === id)?.value;
}

/** Some agents offer their mode twice, as a mode and as an option. */
function isMode({ config_id, category }: ConfigOption): boolean {
  return (category ?? config_id) === 'mode';
}

/** Undefined for a setting that the agent refuses, does not offer, or does not answer in time. */
async function inTime<Effect>(setting: Promise<Effect>, late: AbortSignal): Promise<Effect | undefined> {
  const expired = new Promise<undefined>((resolve) => {
    if (late.aborted) resolve(undefined);
    late.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const refused = (error: unknown) => {
    if (error instanceof AgentSettingError) return undefined;
    throw error;
  };
  return Promise.race([setting.catch(refused), expired]);
}
