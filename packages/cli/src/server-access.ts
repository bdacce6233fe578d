import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, ConnectionError, ServiceError, ValidationError } from '@parleyhq/client';
import { type Command, Option } from 'commander';
import { EXIT, ExitError } from './exit-error.js';
import { printable } from './terminal/printable.js';

/** Which server to speak to, and how to be let in. */
export interface ServerFlags {
  readonly server?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

/** Where `parley serve` listens unless it is told otherwise. */
export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

/** Adds the options that say which server to speak to. */
export function addServerOptions(command: Command, without: string): Command {
  return command
    .addOption(new Option('--server <url>', `the server to speak to (default: ${without})`).env('PARLEY_SERVER'))
    .addOption(
      new Option(
        '--token <token>',
        'its access token; others on this machine may see it here, so rather set PARLEY_TOKEN (default, for a server on this machine: the one in its data directory)',
      ).env('PARLEY_TOKEN'),
    )
    .addOption(
      new Option('--data-dir <folder>', 'the data directory of a server on this machine (default: ~/.parley)').env(
        'PARLEY_DATA_DIR',
      ),
    );
}

/**
 * The address of a server and the token for it. The token in a data directory is for this machine alone: it is never sent
 * to another.
 *
 * @throws ExitError for an address that is none, or where there is no token.
 */
export async function accessServer(
  flags: ServerFlags,
): Promise<Required<Pick<ClientOptions, 'baseUrl'>> & { token: string }> {
  const baseUrl = flags.server ?? DEFAULT_SERVER;
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ExitError(
      EXIT.usage,
      `--server: expected an address such as ${DEFAULT_SERVER}, got ${printable(baseUrl)}`,
    );
  }
  if (flags.token !== undefined) return { baseUrl, token: flags.token.trim() };
  if (!/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new ExitError(EXIT.usage, `--token: expected the access token of ${url.origin} here or in PARLEY_TOKEN`);
  }
  const path = join(flags.dataDir ?? join(homedir(), '.parley'), 'access-token');
  try {
    return { baseUrl, token: (await readFile(path, 'utf8')).trim() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExitError(
      EXIT.noServer,
      `no access token of a server on this machine: ${reason}; start one with parley serve, or name another with --server and --token`,
    );
  }
}

/** What a call to a server ended with, as an end of the command with a sentence for people; any other error as it is. */
export function explainServerError(error: unknown): unknown {
  if (error instanceof ConnectionError) {
    const cause = error.cause instanceof Error ? (causeOf(error.cause) ?? error.cause.message) : '';
    return new ExitError(EXIT.noServer, printable(`the server cannot be reached: ${cause || error.message}`));
  }
  if (error instanceof ValidationError) {
    return new ExitError(EXIT.noServer, printable(`this is no server of this contract: ${error.message}`));
  }
  if (!(error instanceof ServiceError)) return error;
  const details = error.details
    .map(({ pointer, message }) => `\n  ${pointer ? `${pointer}: ` : ''}${message}`)
    .join('');
  const text = printable(`${error.reason} [${error.code}]${details}`);
  return new ExitError(EXITS[error.code] ?? EXIT.failed, text);
}

const EXITS: Readonly<Record<string, number>> = {
  Unauthorized: EXIT.noServer,
  Forbidden: EXIT.noServer,
  NotFound: EXIT.noServer,
  InvalidRequest: EXIT.usage,
  SessionNotFound: EXIT.usage,
  SessionClosed: EXIT.usage,
};

/** What fetch hides behind `fetch failed`. */
function causeOf({ cause }: Error): string | undefined {
  return cause instanceof Error ? cause.message || String(Object(cause).code) : undefined;
}
