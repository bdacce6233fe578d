import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'smol-toml';

import { AgentError, AgentSettingError } from '../agent-error.js';
import type { AgentDefinition, AgentLaunch, AgentSettings, Environment } from '../definition.js';
import { COMMANDS_REACH_THE_NET, wantedProfile } from './settings.js';

type CodexConfig = Readonly<Record<string, unknown>>;

/** Codex asks before each edit only in this mode. */
const ASKING_MODE = 'read-only';
const PROFILE_NAME = /^[A-Za-z0-9_-]+$/;

/** OpenAI's Codex. Settings are given as `CODEX_CONFIG`, which its adapter merges into the session's configuration. */
export const codex: AgentDefinition = {
  name: 'codex',
  title: 'Codex',
  command: 'codex-acp',
  args: [],
  env: {},
  passEnv: ['CODEX_*', 'OPENAI_*', 'NO_BROWSER', 'MODEL_PROVIDER', 'DEFAULT_AUTH_REQUEST'],
  supports: { model: true, oss: true, web_search: true, config_profile: true, approval_policy: true },
  asks: 'always',
  notes: [
    COMMANDS_REACH_THE_NET,
    'A model name that the provider does not know fails at the first turn.',
    'oss: true uses Ollama on this machine, unless CODEX_CONFIG of the server names another model_provider.',
    'config_profile NAME is the file NAME.config.toml beside config.toml in CODEX_HOME.',
  ],
  keyVariables: { 'api-key': ['CODEX_API_KEY', 'OPENAI_API_KEY'] },
  install: 'npm install --global @agentclientprotocol/codex-acp',
  launch: launchCodex,
};

async function launchCodex(settings: AgentSettings, env: Environment): Promise<AgentLaunch> {
  const operators = readOperatorsConfig(env.CODEX_CONFIG);
  const profile = wantedProfile(settings);
  const config: CodexConfig = {
    ...(profile !== undefined && (await readProfile(profile, env))),
    ...operators,
    ...(settings.model !== undefined && { model: settings.model }),
    ...(settings.oss === true && { model_provider: operators.model_provider ?? 'ollama' }),
    web_search: settings.web_search === true ? 'live' : 'disabled',
  };
  return { env: { CODEX_CONFIG: JSON.stringify(config), INITIAL_AGENT_MODE: ASKING_MODE } };
}

/** Codex's `--profile` has no effect on its app server, which the adapter runs. So the file is merged here. */
async function readProfile(profile: string, env: Environment): Promise<CodexConfig> {
  const folder = env.CODEX_HOME ?? join(env.HOME ?? homedir(), '.codex');
  const file = join(folder, `${profile}.config.toml`);
  const refuse = (problem: string) =>
    new AgentSettingError('config_profile', `Codex has no profile ${profile}: ${problem}`);
  if (!PROFILE_NAME.test(profile)) throw refuse('expected letters, digits, - and _');
  const text = await readFile(file, 'utf8').catch(() => {
    throw refuse(`${file} cannot be read`);
  });
  try {
    return parse(text);
  } catch (error) {
    throw refuse(`${file} is not TOML (${error instanceof Error ? error.message : error})`);
  }
}

function readOperatorsConfig(text: string | undefined): CodexConfig {
  if (text === undefined || text === '') return {};
  try {
    return JSON.parse(text) as CodexConfig;
  } catch (error) {
    throw new AgentError('start', `CODEX_CONFIG of the server is not JSON: ${String(error)}`);
  }
}
