import type { ConfigOption, NoticeEvent, SessionUpdatedEvent, UsageUpdatedEvent } from '@parleyhq/contract';

import { mapUsage } from './plan-and-usage.js';
import { type Raw, readText } from './read.js';
import { mapCommands, mapConfigOptions, ownOptions, type SessionState, withOptions } from './session-state.js';

/** The result of an update of the whole conversation: the new state, and the events, without a `turn_id`. */
export interface SessionStep {
  readonly state: SessionState;
  readonly events: readonly (SessionUpdatedEvent | UsageUpdatedEvent | NoticeEvent)[];
}

/** Maps the updates that need no turn; `undefined` for any other. An update that changes nothing gives no event. */
export function mapSessionUpdate(state: SessionState, update: Raw): SessionStep | undefined {
  switch (update.sessionUpdate) {
    case 'available_commands_update': {
      if (!Array.isArray(update.availableCommands)) return { state, events: [] };
      const commands = mapCommands(update.availableCommands);
      return { state: { ...state, commands }, events: [{ type: 'session_updated', commands }] };
    }
    case 'current_mode_update':
      return moveMode(state, readText(update.currentModeId, 256));
    case 'config_option_update':
      // Without this: forgets all options for an update that has none
      if (!Array.isArray(update.configOptions)) return { state, events: [] };
      return changeOptions(state, state, mapConfigOptions(update.configOptions));
    case 'session_info_update': {
      if (update.title === undefined) return { state, events: [] };
      return { state, events: [{ type: 'session_updated', title: readText(update.title, 200) || null }] };
    }
    case 'usage_update':
      return { state, events: [{ type: 'usage_updated', usage: mapUsage(update) }] };
    case 'notice': {
      const said = [readText(update.title), readText(update.description)].filter(Boolean).join(': ');
      const level = update.severity === 'error' || update.severity === 'warning' ? update.severity : 'info';
      return { state, events: [notice(level, 'agent_notice', said)] };
    }
    case 'compaction_update': {
      const status = readText(update.status, 64) ?? 'unknown';
      return { state, events: [notice('info', 'context_compacted', `The agent compacts its context: ${status}.`)] };
    }
    case 'compaction_summary_chunk': // for the agent itself
      return { state, events: [] };
    default:
      return undefined;
  }
}

/** A notice, without a `turn_id`. */
export function notice(level: NoticeEvent['level'], code: string, message: string): NoticeEvent {
  return { type: 'notice', level, code, message: readText(message, 8192) ?? '' };
}

function moveMode(state: SessionState, current: string | undefined): SessionStep {
  if (current === undefined || current === state.modes?.current) return { state, events: [] };
  const modes = { available: [], ...state.modes, current };
  return { state: { ...state, modes }, events: [{ type: 'session_updated', current_mode: current }] };
}

/** An option has been set, and the agent does not say what its options are now. */
export function chooseOption(state: SessionState, configId: string, value: string | boolean): SessionStep {
  const chosen = (option: ConfigOption) => (option.config_id === configId ? { ...option, value } : option);
  const { models } = state;
  return changeOptions({ ...state, ...(models && { models: chosen(models) }) }, state, ownOptions(state).map(chosen));
}

function changeOptions(state: SessionState, before: SessionState, options: readonly ConfigOption[]): SessionStep {
  const changed = withOptions(state, options);
  const configOptions = [...changed.configOptions];
  if (JSON.stringify(configOptions) === JSON.stringify(before.configOptions)) return { state: before, events: [] };
  const event: SessionUpdatedEvent = { type: 'session_updated', config_options: configOptions };
  // Some agents offer their mode twice, as a mode and as an option, and update only the option.
  const mode = configOptions.find(({ category }) => category === 'mode')?.value;
  if (!state.modes || typeof mode !== 'string' || mode === state.modes.current)
    return { state: changed, events: [event] };
  const modes = { ...state.modes, current: mode };
  return { state: { ...changed, modes }, events: [{ ...event, current_mode: mode }] };
}
