import type { Environment } from '../definition.js';

/** The variables with credentials that Claude Code needs when its models are of a cloud, by the variable that says so. */
const OF_CLOUD: Readonly<Record<string, RegExp>> = {
  CLAUDE_CODE_USE_BEDROCK: /^AWS_/,
  CLAUDE_CODE_USE_VERTEX: /^(GOOGLE_APPLICATION_CREDENTIALS|GOOGLE_CLOUD_PROJECT|CLOUD_ML_REGION|VERTEX_REGION_.*)$/,
  CLAUDE_CODE_USE_FOUNDRY: /^AZURE_/,
};

/** The credentials of the clouds that `env` chooses. An agent that uses none gets none of them. */
export function cloudCredentials(env: Environment): Record<string, string> {
  const chosen = Object.entries(OF_CLOUD).filter(([name]) => !['', '0', 'false', undefined].includes(env[name]));
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && chosen.some(([, needed]) => needed.test(name))) picked[name] = value;
  }
  return picked;
}
