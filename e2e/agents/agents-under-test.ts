import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Prepares one agent as its operator would. Returns the environment variables for `parley serve`. */
type Prepare = (place: { home: string; modelUrl: string }) => Promise<Record<string, string>>;

/** The agents of the suite, by the name that the application uses. Everything that differs between them is in here. */
export const agentsUnderTest = {
  demo: async () => ({ PARLEY_DEMO_PACE: '0' }),
  replay: async () => ({ PARLEY_REPLAY_SPEED: 'max' }),
  codex: prepareCodex,
  claude: prepareClaude,
  opencode: prepareOpencode,
  gemini: prepareGemini,
  qwen: prepareQwen,
} satisfies Record<string, Prepare>;

/** An agent of the suite. */
export type AgentName = keyof typeof agentsUnderTest;

/**
 * Codex reads `$CODEX_HOME/config.toml`, and a profile, here `thorough`, from a file beside it. The model must be one whose tools Codex offers as functions (`gpt-5.5`): one
 * that it does not know is warned about in the answer's text, and newer ones get a JavaScript tool instead.
 */
async function prepareCodex({ home, modelUrl }: Parameters<Prepare>[0]): Promise<Record<string, string>> {
  const codexHome = join(home, '.codex');
  await mkdir(codexHome, { recursive: true });
  const config = `
model = "gpt-5.5"
model_provider = "scripted"

[model_providers.scripted]
name = "Scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`;
  await writeFile(join(codexHome, 'config.toml'), config);
  await writeFile(join(codexHome, 'thorough.config.toml'), 'model_reasoning_effort = "high"\n');
  return { CODEX_HOME: codexHome };
}

/** Claude Code reads the environment. Its files are not written to the home of the user who runs the suite. */
async function prepareClaude({ home, modelUrl }: Parameters<Prepare>[0]): Promise<Record<string, string>> {
  return {
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: 'not-a-real-key',
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    IS_SANDBOX: '1',
  };
}

/**
 * opencode reads its configuration from the environment too. Everything that it would fetch from the network is off.
 */
async function prepareOpencode({ modelUrl }: Parameters<Prepare>[0]): Promise<Record<string, string>> {
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Scripted',
    options: { baseURL: `${modelUrl}/v1`, apiKey: 'none' },
    models: { scripted: { name: 'Scripted' } },
  };
  return {
    OPENCODE_CONFIG_CONTENT: JSON.stringify({ provider: { scripted: provider }, model: 'scripted/scripted' }),
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  };
}

/**
 * Gemini CLI reads the environment and `~/.gemini/settings.json`. Without a model it would ask another one first which model is to
 * answer. When it starts, it deletes what it takes for broken conversations, and with them each that was resumed once. Without a
 * second process, which only gives it more memory, it starts in half the time.
 */
async function prepareGemini({ home, modelUrl }: Parameters<Prepare>[0]): Promise<Record<string, string>> {
  await writeSettings(join(home, '.gemini'), { general: { sessionRetention: { enabled: false } } });
  return {
    GOOGLE_GEMINI_BASE_URL: modelUrl,
    GEMINI_API_KEY: 'not-a-real-key',
    GEMINI_MODEL: 'gemini-2.5-flash',
    GEMINI_CLI_NO_RELAUNCH: 'true',
  };
}

/**
 * Qwen Code reads `~/.qwen/settings.json`. What it would ask the model for by itself, with all of its tools, is off: what the user
 * might say next, and what is to be remembered. It is in a folder of its own, with the Node that it needs.
 */
async function prepareQwen({ home, modelUrl }: Parameters<Prepare>[0]): Promise<Record<string, string>> {
  const models = ['scripted', 'scripted-large'].map((id) => ({
    ...{ id, name: `The ${id} model`, baseUrl: `${modelUrl}/v1`, envKey: 'OPENAI_API_KEY' },
  }));
  await writeSettings(join(home, '.qwen'), {
    modelProviders: { openai: models },
    model: { name: 'scripted' },
    security: { auth: { selectedType: 'openai' } },
    ui: { enableFollowupSuggestions: false },
    memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false, enableAutoSkill: false },
  });
  return {
    OPENAI_API_KEY: 'not-a-real-key',
    PATH: [join(import.meta.dirname, 'qwen', 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  };
}

async function writeSettings(folder: string, settings: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
}

/**
 * Makes the conversations that Gemini CLI keeps in a home an hour older. It loses one that it loads in the minute in which it began: it
 * names the file of a conversation by the minute, and begins that file anew before it reads it.
 */
export async function backdateConversations(home: string): Promise<void> {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16).replace(':', '-');
  for (const { name, parentPath } of await readdir(home, { withFileTypes: true, recursive: true })) {
    const [, id] = /^session-[\dT-]{16}-(\w{8}\.jsonl)$/.exec(name) ?? [];
    if (id !== undefined) await rename(join(parentPath, name), join(parentPath, `session-${anHourAgo}-${id}`));
  }
}
