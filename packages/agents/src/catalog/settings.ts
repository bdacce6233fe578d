import { AgentSettingError } from '../agent-error.js';
import type { AgentSettingName, AgentSettings } from '../definition.js';

/** The value of `config_profile` that means no profile: the agent's configuration as it is. Every agent accepts it. */
const NO_PROFILE = 'default';

/** The note on `web_search: false` for every agent that can run commands. */
export const COMMANDS_REACH_THE_NET =
  'web_search: false takes the search tool away; a command that the user allows may still reach the network.';

/** The named profile that the settings ask for; `undefined` if they ask for none. */
export function wantedProfile(settings: AgentSettings): string | undefined {
  return settings.config_profile === NO_PROFILE ? undefined : settings.config_profile;
}

/** Throws `AgentSettingError` for the first setting that asks for something which the agent does not support. */
export function checkSettings(
  title: string,
  supports: Readonly<Record<AgentSettingName, boolean>>,
  settings: AgentSettings,
): void {
  const refuse = (setting: AgentSettingName, what: string) => {
    throw new AgentSettingError(setting, `${title} cannot ${what}`);
  };
  if (settings.model !== undefined && !supports.model) refuse('model', `be told its model, got ${settings.model}`);
  if (settings.oss === true && !supports.oss) refuse('oss', 'use a local open-weights model, got oss: true');
  if (settings.web_search === true && !supports.web_search)
    refuse('web_search', 'search the web, got web_search: true');
  const profile = wantedProfile(settings);
  if (profile !== undefined && !supports.config_profile) {
    refuse('config_profile', `use configuration profiles, expected ${NO_PROFILE} or none, got ${profile}`);
  }
}
