import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Prepares one agent as its operator would. Returns the environment variables for `parley serve`. */
type Prepare = (place: { home: string; modelUrl: string }) => Promise<Record<string, string>>;

/** The agents of the suite, by the name that the application uses. Everything that differs between them is in here. */
export const agentsUnderTest = {
  demo: async () => ({ PARLEY_DEMO_PACE: '0' }),
  replay: async () => ({ PARLEY_REPLAY_SPEED: 'max' }),
  codex: prepareCodex,
  claude: prepareClaude,
  opencode: prepareOpencode,
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
