import { type Client, createClient } from '@parleyhq/client';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  accessServer,
  addServerOptions,
  explainServerError,
  LOCAL_SERVER,
  type ServerFlags,
} from '../server-access.js';
import { type AgentListFlags, listAgentSessions } from './agent-sessions.js';
import { closeSessions } from './close-sessions.js';
import { forkSession } from './fork-session.js';
import { type ListFlags, listSessions, STATUSES } from './list-sessions.js';

const HELP = `
Examples:
  $ parley sessions                                    all sessions of the server on this machine
  $ parley sessions --status awaiting_approval         those that wait for an answer
  $ parley sessions --json | jq -r .session_id         each session as in the API, one per line
  $ parley sessions close 550e8400-e29b-41d4-a716-446655440000
  $ parley sessions close --purge 550e8400-e29b-41d4-a716-446655440000
                                                       remove its history too; it may already be closed
  $ parley sessions fork 550e8400-e29b-41d4-a716-446655440000
                                                       another session that goes on with a copy of its conversation
  $ parley sessions agent claude                       those that the agent itself keeps of the current folder

Exit codes: 0 done, 1 failed, 2 an option is wrong or there is no such session, 5 the server cannot be reached or refuses the
token.`;

/** Defines the command `parley sessions`, with `list` (the default), `close`, `fork` and `agent`. */
export function defineSessions(command: Command): void {
  const list = addServerOptions(new Command('list'), LOCAL_SERVER)
    .description('List the sessions of a server, newest first.')
    .addOption(new Option('--status <status>', 'only sessions with this status').choices(STATUSES))
    .addOption(new Option('--limit <number>', 'the most sessions to list (default: all)').argParser(readLimit))
    .addOption(new Option('--json', 'print each session as JSON, one per line'))
    .action((flags: ListFlags & ServerFlags) => withClient(flags, (client) => listSessions(client, flags)));
  const close = addServerOptions(new Command('close'), LOCAL_SERVER)
    .description('Close sessions: their turns and agents end, and their history stays readable.')
    .argument('<id...>', 'which sessions')
    .addOption(new Option('--purge', 'remove their history too'))
    .action((ids: readonly string[], flags: ServerFlags & { readonly purge?: true }) =>
      withClient(flags, (client) => closeSessions(client, ids, flags.purge === true)),
    );
  const fork = addServerOptions(new Command('fork'), LOCAL_SERVER)
    .description('Begin another session with a copy of the conversation of one that is idle.')
    .argument('<id>', 'which session')
    .action((id: string, flags: ServerFlags) => withClient(flags, (client) => forkSession(client, id)));
  const agent = addServerOptions(new Command('agent'), LOCAL_SERVER)
    .description('List the sessions that an agent itself keeps; parley run --resume-agent-session takes one up.')
    .argument('<agent>', 'which agent')
    .addOption(new Option('--cwd <folder>', 'the folder that they are of (default: the current folder)'))
    .addOption(new Option('--json', 'print each session as JSON, one per line'))
    .action((name: string, flags: ServerFlags & AgentListFlags) =>
      withClient(flags, (client) => listAgentSessions(client, name, flags)),
    );
  command
    .addCommand(list, { isDefault: true })
    .addCommand(close)
    .addCommand(fork)
    .addCommand(agent)
    .addHelpText('after', HELP);
}

async function withClient(flags: ServerFlags, use: (client: Client) => Promise<void>): Promise<void> {
  const client = createClient(await accessServer(flags));
  try {
    await use(client);
  } catch (error) {
    throw explainServerError(error);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError('Expected a whole number from 1.');
}
