import type { AgentDefinition, AsksBeforeEdits } from '../definition.js';

/** What is particular about an agent that takes its settings in the common way: its model through its own option. */
interface Row {
  readonly title: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly passEnv: readonly string[];
  readonly asks: AsksBeforeEdits;
  readonly install: string;
  readonly keyVariables?: AgentDefinition['keyVariables'];
  readonly usageCounts?: AgentDefinition['usageCounts'];
  /** The mode that it is started in, where its own does not ask. */
  readonly mode?: string;
  readonly notes?: readonly string[];
}

const MODEL_KEYS = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY', 'GEMINI_API_KEY'];

/** With an older Node, npm takes an old version that does not speak ACP, unless the newest is asked for. */
const NODE_22 = 'It needs Node 22 or later.';

/** Titles are those of the public registry of ACP. */
const table: Readonly<Record<string, Row>> = {
  gemini: {
    title: 'Gemini CLI',
    command: ['gemini', '--acp', '--approval-mode', 'default'],
    passEnv: ['GEMINI_*', 'GOOGLE_*'],
    asks: 'by_mode',
    install: 'npm install --global @google/gemini-cli',
    keyVariables: { 'gemini-api-key': ['GEMINI_API_KEY'], 'vertex-ai': ['GOOGLE_API_KEY'] },
    notes: [
      'Gemini CLI 0.61 loses a conversation that is resumed in the minute in which it began. It also loses one that is resumed twice, unless general.sessionRetention.enabled is false in its settings.',
    ],
  },
  copilot: {
    title: 'GitHub Copilot',
    command: ['copilot', '--acp'],
    passEnv: ['COPILOT_*', 'GH_TOKEN', 'GITHUB_TOKEN', 'GH_HOST'],
    asks: 'by_mode',
    install: 'npm install --global @github/copilot',
  },
  qwen: {
    title: 'Qwen Code',
    command: ['qwen', '--acp', '--approval-mode', 'default'],
    passEnv: ['QWEN_*', 'DASHSCOPE_*', 'OPENAI_*'],
    asks: 'by_mode',
    install: 'npm install --global @qwen-code/qwen-code@latest',
    keyVariables: { openai: ['OPENAI_API_KEY'] },
    notes: [NODE_22],
  },
  droid: {
    title: 'Factory Droid',
    command: ['droid', 'exec', '--output-format', 'acp'],
    env: { DROID_DISABLE_AUTO_UPDATE: 'true', FACTORY_DROID_AUTO_UPDATE_ENABLED: 'false' },
    passEnv: ['FACTORY_*'],
    asks: 'by_mode',
    install: 'npm install --global droid',
  },
  nanocoder: {
    title: 'Nanocoder',
    command: ['nanocoder', '--acp'],
    passEnv: ['NANOCODER_*', ...MODEL_KEYS],
    asks: 'by_mode',
    install: 'npm install --global @nanocollective/nanocoder@latest',
    usageCounts: 'turn',
    mode: 'normal',
    notes: [
      NODE_22,
      'Its questions are requests for permission with several ways to allow.',
      'Its models are those of its own agents.config.json; it keeps a folder .nanocoder in the directory that it works in.',
    ],
  },
  cline: {
    title: 'Cline',
    command: ['cline', '--acp'],
    passEnv: ['CLINE_*'],
    asks: 'by_mode',
    install: 'npm install --global cline',
    keyVariables: { cline: ['CLINE_API_KEY'] },
    notes: [
      'CLINE_API_KEY is the key of its CLINE_PROVIDER, which cline auth has set up, and CLINE_MODEL its first model.',
    ],
  },
  pi: {
    title: 'pi',
    command: ['pi-acp'],
    passEnv: ['PI_*', ...MODEL_KEYS],
    asks: 'never',
    install: 'npm install --global pi-acp@latest @earendil-works/pi-coding-agent@latest',
    notes: [NODE_22],
  },
  goose: {
    title: 'Goose',
    command: ['goose', 'acp'],
    env: { GOOSE_MODE: 'approve' },
    passEnv: ['GOOSE_*', ...MODEL_KEYS],
    asks: 'by_mode',
    install: 'brew install block-goose-cli',
  },
};

/** The presets of agents that take their settings in the common way. */
export const others: readonly AgentDefinition[] = Object.entries(table).map(([name, row]) => {
  const { command: words, env = {}, notes = [], mode, ...rest } = row;
  const [command, ...args] = words;
  return {
    ...rest,
    ...{ name, command, args, env },
    supports: { model: true, oss: false, web_search: false, config_profile: false, approval_policy: false },
    modelIsOption: true,
    notes: [
      ...notes,
      'web_search: false is not enforced: the agent decides by its own configuration.',
      row.asks === 'never'
        ? 'It edits without asking: work in a copy (workspace: isolated).'
        : 'Whether it asks before it edits is decided by its mode and its own configuration.',
    ],
    launch: ({ model }) => ({ ...(model !== undefined && { model }), ...(mode !== undefined && { mode }) }),
  };
});
