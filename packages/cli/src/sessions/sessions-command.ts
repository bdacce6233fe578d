import { type Client, createClient } from '@parleyhq/client';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  accessServer,
  addServerOptions,
  explainServerError,
  LOCAL_SERVER,
  type ServerFlags,
} from '../server-access.js';
import { closeSessions } from './close-sessions.js';
import { type ListFlags, listSessions, STATUSES } from './list-sessions.js';

const HELP = `
Examples:
  $ parley sessions                                    all sessions of the server on this machine
  $ parley sessions --status awaiting_approval         those that wait for an answer
  $ parley sessions --json | jq -r .session_id         each session as in the API, one per line
  $ parley sessions close 550e8400-e29b-41d4-a716-446655440000
  $ parley sessions close --purge 550e8400-e29b-41d4-a716-446655440000
                                                       remove its history too; it may already be closed

Exit codes: 0 done, 1 failed, 2 an option is wrong or there is no such session, 5 the server cannot be reached or refuses the
token.`;

/** Defines the command `parley sessions`, with `list` (the default) and `close`. */
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
  command.addCommand(list, { isDefault: true }).addCommand(close).addHelpText('after', HELP);
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
