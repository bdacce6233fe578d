import { Command, Option } from 'commander';
import { DEFAULT_DATA_DIR } from '../default-data-dir.js';
import { type CreateFlags, create } from './create.js';
import { list } from './list.js';
import { readExpiry } from './read-expiry.js';
import { revoke } from './revoke.js';
import { show } from './show.js';
import type { TokenFlags } from './token-flags.js';

const HELP = `
A server has one access token, which belongs to its owner and never expires. Create tokens for everybody else. Each belongs
to an account, which sees only its own sessions, and has a scope: read can only look, control can also start, submit,
approve and apply.

The commands work on the data directory, whether a server runs on it or not; a running server notices changes at once. When
a token is revoked or expires, its sockets are closed and the logins that were created from it end.

Examples:
  $ parley token create --account ci --scope control --expires 30d
  $ PARLEY_TOKEN=$(parley token create --account wall --scope read)    only the token goes to standard output
  $ parley token list
  $ parley token revoke 3f9a5c0b7d1e2468
  $ parley token show                                                  how to connect to the server of this machine

Exit codes: 0 done, 1 failed, 2 an option is wrong or there is no such token.`;

const CREATE_HELP = `
The token is printed once, as the only text on standard output. It is not stored: the data directory has only its hash. It
is valid at once.

Examples:
  $ parley token create --account ci --scope control --expires 30d --name "nightly build"
  $ parley token create --account owner --scope read       can look at the sessions of the server's owner
  $ parley token create --account ci --scope read --json   the token with its id, for programs`;

/** Defines the command `parley token`: it creates, lists and revokes tokens, and shows how to connect. */
export function defineToken(command: Command): void {
  const create_ = subcommand('create', 'Create a token for an account, and print it.')
    .requiredOption('--account <name>', 'the account whose sessions it can use: 1 to 64 letters, digits and . _ @ -')
    .addOption(
      new Option('--scope <scope>', 'what it may do: read, or control')
        .choices(['read', 'control'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--expires <when>',
        'when it expires: 45m, 12h, 30d, 8w, or a date such as 2030-01-31 (default: never)',
      ).argParser((text) => readExpiry(text)),
    )
    .addOption(new Option('--name <text>', 'its name in the list'))
    .addHelpText('after', CREATE_HELP)
    .action((flags: CreateFlags) => create(flags));
  const list_ = subcommand('list', 'List the tokens, the oldest first, with those that have expired.').action(
    (flags: TokenFlags) => list(flags),
  );
  const revoke_ = subcommand(
    'revoke',
    'Revoke tokens. Their sockets are closed, and logins that were created from them end.',
  )
    .argument('<id...>', 'the ids of the tokens')
    .action((ids: readonly string[], flags: TokenFlags) => revoke(ids, flags));
  const show_ = subcommand(
    'show',
    'Show the address of the server on this machine, and the file of its access token.',
  ).action((flags: TokenFlags) => show(flags));
  for (const one of [create_, list_, revoke_, show_]) command.addCommand(one);
  command.addHelpText('after', HELP);
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('--data-dir <folder>', 'the data directory of the server')
        .env('PARLEY_DATA_DIR')
        .default(DEFAULT_DATA_DIR, '~/.parley'),
    )
    .addOption(new Option('--json', 'print JSON, for programs'));
}
