import { setFlagsFromString } from 'node:v8';
import {
  type ClientOptions,
  ConnectionError,
  findLocalServer,
  LocalServerError,
  ServiceError,
  ValidationError,
} from '@parleyhq/client';
import { type Command, Option } from 'commander';
import { EXIT, ExitError } from './exit-error.js';

/** Which server to use, and with which token. */
export interface ServerFlags {
  readonly server?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

/** The default address of `parley serve`. */
export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

/** The phrase for the server that a command uses by default. */
export const LOCAL_SERVER = 'the one that runs on the data directory';

/** Adds the options that name a server and its token. `without` describes the default server. */
export function addServerOptions(command: Command, without: string): Command {
  return command
    .addOption(new Option('--server <url>', `the server to use (default: ${without})`).env('PARLEY_SERVER'))
    .addOption(
      new Option(
        '--token <token>',
        'its access token, or one from parley token create; PARLEY_TOKEN is safer, since other users may see the command line (default, for a server on this machine: the token in its data directory)',
      ).env('PARLEY_TOKEN'),
    )
    .addOption(
      new Option('--data-dir <folder>', 'the data directory of a server on this machine (default: ~/.parley)').env(
        'PARLEY_DATA_DIR',
      ),
    );
}

/**
 * The address of a server and a token for it. Without `server`, it is the server that runs on the data directory. The
 * token of a data directory is never sent to another machine.
 *
 * @throws ExitError if the address is wrong, or there is no server or no token.
 */
export async function accessServer(flags: ServerFlags): Promise<Required<Pick<ClientOptions, 'baseUrl' | 'token'>>> {
  compileFetchOnce();
  const { server: baseUrl, token, dataDir } = flags;
  const url = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (baseUrl !== undefined && url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ExitError(EXIT.usage, `--server: expected an address such as ${DEFAULT_SERVER}, got ${baseUrl}`);
  }
  if (baseUrl !== undefined && token !== undefined) return { baseUrl, token: token.trim() };
  try {
    const found = findLocalServer({ dataDir, baseUrl });
    return {
      baseUrl: found.baseUrl,
      async token() {
        // Without this: gives a token that was named to whoever listens where a server did
        const own = await found.token();
        return token?.trim() ?? own;
      },
    };
  } catch (error) {
    if (!(error instanceof LocalServerError)) throw error;
    // The server may belong to another user, so that its data directory cannot be read.
    if (token !== undefined) return { baseUrl: DEFAULT_SERVER, token: token.trim() };
    if (error.problem === 'not_local') {
      throw new ExitError(EXIT.usage, `--token: expected the access token of ${url?.origin} here or in PARLEY_TOKEN`);
    }
    throw explainServerError(error);
  }
}

/**
 * Turns an error of a call to the server into an ExitError with a message for people. Other errors stay as they are.
 */
export function explainServerError(error: unknown): unknown {
  if (error instanceof LocalServerError) {
    return new ExitError(EXIT.noServer, `${error.message}; name another server with --server and --token`);
  }
  if (error instanceof ConnectionError) {
    const cause = error.cause instanceof Error ? (causeOf(error.cause) ?? error.cause.message) : '';
    return new ExitError(EXIT.noServer, `the server cannot be reached: ${cause || error.message}`);
  }
  if (error instanceof ValidationError) {
    return new ExitError(EXIT.noServer, `this is not a server of this contract: ${error.message}`);
  }
  if (!(error instanceof ServiceError)) return error;
  const details = error.details
    .map(({ pointer, message }) => `\n  ${pointer ? `${pointer}: ` : ''}${message}`)
    .join('');
  return new ExitError(EXITS[error.code] ?? EXIT.failed, `${error.reason} [${error.code}]${details}`);
}

const EXITS: Readonly<Record<string, number>> = {
  Unauthorized: EXIT.noServer,
  Forbidden: EXIT.noServer,
  NotFound: EXIT.noServer,
  InvalidRequest: EXIT.usage,
  UnsupportedByAgent: EXIT.usage,
  SessionNotFound: EXIT.usage,
  SessionClosed: EXIT.usage,
};

/** The real cause of fetch's `fetch failed`. */
function causeOf({ cause }: Error): string | undefined {
  return cause instanceof Error ? cause.message || String(Object(cause).code) : undefined;
}

/**
 * Node 20 compiles the HTTP parser of fetch a second time, to make it faster, when it has just begun: a tenth of a second of
 * processor time that a command with a few requests never gets back. Later versions of Node have mended it.
 */
function compileFetchOnce(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--liftoff-only');
}
