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
  $ parley sessions --status awaiting_approval         those that wait for somebody
  $ parley sessions --json | jq -r .session_id         each session as the API describes it, one a line
  $ parley sessions close 550e8400-e29b-41d4-a716-446655440000
  $ parley sessions close --purge 550e8400-e29b-41d4-a716-446655440000
                                                       its history too; also of one that is closed already

Exit codes: 0 done, 1 failed, 2 an option makes no sense or there is no such session, 5 the server cannot be reached or does
not let you in.`;

/** Makes a command `parley sessions`, with `list` (the default) and `close`. */
export function defineSessions(command: Command): void {
  const list = addServerOptions(new Command('list'), LOCAL_SERVER)
    .description('List the sessions of a server, newest first.')
    .addOption(new Option('--status <status>', 'only those').choices(STATUSES))
    .addOption(new Option('--limit <number>', 'at most so many (default: all)').argParser(readLimit))
    .addOption(new Option('--json', 'print each session whole, one a line'))
    .action((flags: ListFlags & ServerFlags) => withClient(flags, (client) => listSessions(client, flags)));
  const close = addServerOptions(new Command('close'), LOCAL_SERVER)
    .description('Close sessions: their turns and their agents end, their history stays readable.')
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
