import { type Client, createClient } from '@parleyhq/client';
import { Command, Option } from 'commander';
import { EXIT, ExitError } from '../exit-error.js';
import { createStopSignals } from '../run/stop-signals.js';
import { accessServer, addServerOptions, explainServerError, type ServerFlags } from '../server-access.js';
import { listAgents } from './list-agents.js';
import { logIn } from './log-in.js';

const HELP = `
Without --server it asks the server that runs on the data directory, or else one of its own that it starts for a moment. Where
a server has started an agent before, the list says what the agent can do and how to log in.

Examples:
  $ parley agents                              the agents, whether each can start, and why not
  $ parley agents --json | jq -r .name         each agent as in the API, one per line
  $ parley agents login codex                  its only way to log in; where it has several, they are named
  $ parley agents login codex --method chatgpt
                                               what the agent wants done is shown; Ctrl-C gives up

An agent opens its page in a browser on the machine of the server, and keeps its login there. Only the owner of a server may
log in its agents. Keys come from the server's variables, never from here.

Exit codes: 0 done, 1 not logged in, 2 an option is wrong, or there is no such agent or method, 5 the server cannot be reached
or refuses the token, 130 interrupted.`;

interface AgentsFlags extends ServerFlags {
  readonly config?: string;
}

/** Where the agents are, when no server is named. */
const DEFAULT = 'the one that runs on the data directory, or else one of its own';

/** Defines the command `parley agents`, with `list` (the default) and `login`. */
export function defineAgents(command: Command): void {
  const list = addOptions(new Command('list'))
    .description('List the agents of a server.')
    .addOption(new Option('--json', 'print each agent as JSON, one per line'))
    .action((flags: AgentsFlags & { readonly json?: true }) =>
      withClient(flags, (client) => listAgents(client, flags.json === true)),
    );
  const login = addOptions(new Command('login'))
    .description('Log in to an agent, for all its sessions.')
    .argument('<agent>', 'which agent')
    .addOption(new Option('--method <id>', 'by which of its methods (default: the only one)'))
    .action((agent: string, flags: AgentsFlags & { readonly method?: string }) =>
      withClient(flags, (client, quit) => logIn(client, agent, flags.method, quit)),
    );
  command.addCommand(list, { isDefault: true }).addCommand(login).addHelpText('after', HELP);
}

function addOptions(command: Command): Command {
  return addServerOptions(command, DEFAULT).addOption(
    new Option('--config <file>', 'YAML with agents of your own, as for parley serve').env('PARLEY_CONFIG'),
  );
}

async function withClient(flags: AgentsFlags, use: (client: Client, quit: AbortSignal) => Promise<void>) {
  const signals = createStopSignals();
  try {
    const server = await openServer(flags);
    const client = createClient(server);
    try {
      await use(client, signals.quit);
    } finally {
      await client[Symbol.asyncDispose]();
      // Without this: leaves the agent of a login behind that was given up
      await server.close?.();
    }
  } catch (error) {
    throw signals.exitCode === undefined ? explainServerError(error) : new ExitError(signals.exitCode, '');
  } finally {
    signals.close();
  }
}

/** The server that is named or runs, or else one of its own, which has `close`. */
async function openServer(flags: AgentsFlags) {
  const file =
    flags.config === undefined ? {} : await (await import('../serve/config-file.js')).readConfigFile(flags.config);
  try {
    if (flags.server !== undefined || flags.config === undefined)
      return { ...(await accessServer(flags)), close: undefined };
  } catch (error) {
    const isMissing = error instanceof ExitError && error.exitCode === EXIT.noServer;
    if (flags.server !== undefined || !isMissing) throw error;
  }
  const { agents, agentWrapper } = file;
  // Loaded only where a server is started.
  const { startPrivateServer } = await import('../run/private-server.js');
  return startPrivateServer([process.cwd()], { ...(agents && { agents }), ...(agentWrapper && { agentWrapper }) });
}
