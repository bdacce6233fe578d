import { homedir } from 'node:os';
import type { OpenAgentOptions } from './agent.js';
import { REDACTED } from './cassette/cassette.js';
import { createSecretRemover, secretValues } from './cassette/secrets.js';
import type { AgentLaunch, Environment } from './definition.js';
import { negotiate } from './negotiate.js';
import { selectEnvironment } from './process/environment.js';
import { startProcess } from './process/process.js';
import { fillWrapper } from './process/wrapper.js';

/** What the process of an agent is started with. */
export type LaunchOptions = Pick<
  OpenAgentOptions,
  | 'definition'
  | 'cwd'
  | 'settings'
  | 'env'
  | 'closeGraceMs'
  | 'registryDir'
  | 'secrets'
  | 'dataDir'
  | 'workspace'
  | 'limits'
>;

/**
 * Starts the process of an agent, in memory where its definition says so, and speaks ACP with it. Rejects if its command cannot be
 * run. `initialize` is to be called first.
 */
export async function launchAgent(options: LaunchOptions) {
  const { definition, cwd } = options;
  const serverEnvironment = options.env ?? process.env;
  const launch = await definition.launch(options.settings, serverEnvironment);
  const env = selectEnvironment(serverEnvironment, definition.passEnv, { ...definition.env, ...launch.env });
  const { wrapper = [], recorder = [] } = definition;
  const secrets = knownSecrets(options, { ...serverEnvironment, ...env });
  const inMemory = wrapper.length + recorder.length === 0 ? definition.runInMemory : undefined;
  const agentProcess = inMemory
    ? inMemory({ env })
    : await startProcess({
        ...commandLine(options, launch, env.HOME),
        cwd,
        env,
        closeGraceMs: options.closeGraceMs ?? 3_000,
        clean: secrets.clean,
        ...(options.registryDir !== undefined && { registryDir: options.registryDir }),
      });
  // Loaded with the first agent, so that the server starts faster.
  const { connectAcp } = await import('./acp/connection.js');
  // Cassettes are of version 1.
  const newest = recorder.length > 0 ? 1 : (definition.acpVersion ?? 1);
  const translation = newest === 1 ? undefined : (await import('./acp/v2/translation.js')).createTranslation();
  const connection = connectAcp(agentProcess.output, agentProcess.input, options.limits, secrets.values, translation);
  // An agent that no longer speaks ACP is useless, even if its process runs.
  void connection.closed.then(() => agentProcess.close());
  return {
    agentProcess,
    connection,
    launch,
    env,
    secrets,
    initialize: () => negotiate(connection, definition, newest),
  };
}

/** A shorter value of a variable may be an ordinary word, which an agent may say for other reasons. */
const MIN_SPOKEN_SECRET = 16;

/**
 * The secrets that are removed from what an agent says. `values` are removed from everything: the given secrets and those of
 * the environment, also of variables that the agent was not given. `clean`, for stderr and errors, also removes texts that
 * only look like a secret.
 */
function knownSecrets({ secrets = [] }: LaunchOptions, env: Environment) {
  const remover = createSecretRemover(env);
  const values = [...secrets, ...secretValues(env, MIN_SPOKEN_SECRET)];
  const clean = (text: string) =>
    remover.remove(secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text));
  return { values, clean };
}

/** The command line: the recorder, then the wrapper, then the agent's command. */
function commandLine({ definition, cwd, workspace = cwd, dataDir }: LaunchOptions, launch: AgentLaunch, home?: string) {
  const places = { cwd, workspace, data_dir: dataDir, home: home ?? homedir() };
  const wrapper = fillWrapper(definition.wrapper ?? [], places);
  const [command = '', ...args] = [...(definition.recorder ?? []), ...wrapper, definition.command, ...definition.args];
  return { command, args: [...args, ...(launch.args ?? [])] };
}
