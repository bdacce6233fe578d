import { Command, Option } from 'commander';
import { DEFAULT_DATA_DIR } from '../default-data-dir.js';
import { type CreateFlags, create } from './create.js';
import { list } from './list.js';
import { readExpiry } from './read-expiry.js';
import { revoke } from './revoke.js';
import { show } from './show.js';
import type { TokenFlags } from './token-flags.js';

const HELP = `
A server has one access token, its owner's, which never ends. For everybody else make tokens: each is for an account, which
sees its own sessions alone, and has a scope: read looks on, control also starts, submits, approves and applies.

The commands work on the data directory, whether a server runs on it or not; a running one takes notice at once. What is
revoked or expires ends the sockets that it has opened and the logins that were made of it.

Examples:
  $ parley token create --account ci --scope control --expires 30d
  $ PARLEY_TOKEN=$(parley token create --account wall --scope read)    the token alone goes to standard output
  $ parley token list
  $ parley token revoke 3f9a5c0b7d1e2468
  $ parley token show                                                  how to connect to the server of this machine

Exit codes: 0 done, 1 failed, 2 an option makes no sense or there is no such token.`;

const CREATE_HELP = `
The token is printed once, alone on standard output, and kept nowhere: the data directory has its hash. It is good at once.

Examples:
  $ parley token create --account ci --scope control --expires 30d --name "nightly build"
  $ parley token create --account owner --scope read       looks on at the sessions of the server's owner
  $ parley token create --account ci --scope read --json   the token with its id, for programs`;

/** Makes a command `parley token`: it makes, lists and revokes tokens, and says how to connect. */
export function defineToken(command: Command): void {
  const create_ = below('create', 'Make a token for an account, and print it.')
    .requiredOption('--account <name>', 'whose sessions it is good for: 1 to 64 letters, digits and . _ @ -')
    .addOption(
      new Option('--scope <scope>', 'what it may do: read, or control')
        .choices(['read', 'control'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--expires <when>',
        'when it ends: 45m, 12h, 30d, 8w, or a date such as 2030-01-31 (default: never)',
      ).argParser((text) => readExpiry(text)),
    )
    .addOption(new Option('--name <text>', 'what you call it in the list'))
    .addHelpText('after', CREATE_HELP)
    .action((flags: CreateFlags) => create(flags));
  const list_ = below('list', 'List the tokens that were made, the oldest first, with those that have expired.').action(
    (flags: TokenFlags) => list(flags),
  );
  const revoke_ = below('revoke', 'End tokens for good, with the sockets and the logins that they have opened.')
    .argument('<id...>', 'which tokens, by the ids of the list')
    .action((ids: readonly string[], flags: TokenFlags) => revoke(ids, flags));
  const show_ = below('show', 'Say where the server of this machine is, and where its access token.').action(
    (flags: TokenFlags) => show(flags),
  );
  for (const one of [create_, list_, revoke_, show_]) command.addCommand(one);
  command.addHelpText('after', HELP);
}

function below(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('--data-dir <folder>', 'the data directory of the server')
        .env('PARLEY_DATA_DIR')
        .default(DEFAULT_DATA_DIR, '~/.parley'),
    )
    .addOption(new Option('--json', 'print JSON, for programs'));
}
