import { createRequire } from 'node:module';

import type { AgentDefinition, AgentLaunch, AgentSettings } from '../definition.js';
import { runDemoInMemory } from '../demo/in-memory.js';
import { cloudCredentials } from './cloud-credentials.js';
import { codex } from './codex.js';
import { others } from './others.js';
import { COMMANDS_REACH_THE_NET, checkSettings } from './settings.js';

/** Anthropic's Claude Code. The model is one of its own options; its default mode asks before edits and commands. */
export const claude: AgentDefinition = {
  name: 'claude',
  title: 'Claude Code',
  command: 'claude-agent-acp',
  args: [],
  env: {},
  passEnv: ['ANTHROPIC_*', 'CLAUDE_*', 'IS_SANDBOX', 'MAX_THINKING_TOKENS'],
  supports: { model: true, oss: false, web_search: true, config_profile: false, approval_policy: true },
  modelIsOption: true,
  usageCounts: 'turn',
  asks: 'by_mode',
  notes: [COMMANDS_REACH_THE_NET, 'Tools that its own settings files allow are not asked for.'],
  install: 'npm install --global @agentclientprotocol/claude-agent-acp',
  launch: (settings, env) => ({
    ...(settings.model !== undefined && { model: settings.model }),
    mode: 'default',
    env: cloudCredentials(env),
    ...(settings.web_search !== true && {
      sessionMeta: { claudeCode: { options: { disallowedTools: ['WebSearch'] } } },
    }),
  }),
};

/** opencode. By default it edits and runs without asking, so its permissions are set to ask. */
export const opencode: AgentDefinition = {
  name: 'opencode',
  title: 'opencode',
  command: 'opencode',
  args: ['acp'],
  env: {},
  passEnv: ['OPENCODE_*', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY', 'GEMINI_API_KEY'],
  supports: { model: true, oss: false, web_search: true, config_profile: false, approval_policy: true },
  modelIsOption: true,
  // It counts the last call of its model in a turn.
  usageCounts: 'turn',
  asks: 'always',
  notes: [COMMANDS_REACH_THE_NET, 'A local model is chosen as its model (ollama/NAME), not by oss.'],
  install: 'npm install --global opencode-ai',
  launch: launchOpencode,
};

/** The scripted agent that comes with Parley: no key, no network. */
export const demo: AgentDefinition = {
  name: 'demo',
  title: 'Demo agent',
  command: process.execPath,
  args: [createRequire(import.meta.url).resolve('#demo')],
  env: {},
  passEnv: ['PARLEY_DEMO_*'],
  supports: { model: true, oss: true, web_search: true, config_profile: true, approval_policy: true },
  asks: 'always',
  notes: ['A script, not a model: it takes every setting, and none changes what it says.'],
  launch: (settings) => ({ ...(settings.model !== undefined && { env: { PARLEY_DEMO_MODEL: settings.model } }) }),
};

/** The demo agent without a process of its own: it starts quickly, and works where no process may be started. */
export const demoInMemory: AgentDefinition = { ...demo, runInMemory: runDemoInMemory };

/** The agents that Parley has a definition for, each with its check of settings. */
export const presets: readonly AgentDefinition[] = [demo, codex, claude, opencode, ...others].map(withCheck);

/** The same definition, but its `launch` refuses unsupported settings first. */
export function withCheck(definition: AgentDefinition): AgentDefinition {
  return {
    ...definition,
    async launch(settings, env) {
      checkSettings(definition.title, definition.supports, settings);
      return definition.launch(settings, env);
    },
  };
}

function launchOpencode(settings: AgentSettings): AgentLaunch {
  const search = settings.web_search === true;
  const permission = { edit: 'ask', bash: 'ask', webfetch: 'ask', websearch: search ? 'ask' : 'deny' };
  return {
    ...(settings.model !== undefined && { model: settings.model }),
    env: { OPENCODE_PERMISSION: JSON.stringify(permission), ...(search && { OPENCODE_ENABLE_EXA: '1' }) },
  };
}
