/** The options of `findLocalServer`. */
export interface LocalServerOptions {
  /** The server's data directory. @default the environment's PARLEY_DATA_DIR, otherwise `~/.parley` */
  readonly dataDir?: string | undefined;
  /** The server's URL on this machine. @default the one that the running server wrote into its data directory */
  readonly baseUrl?: string | undefined;
}

/** A server on this machine: the options that `createClient` needs. */
export interface LocalServer {
  readonly baseUrl: string;
  /** The absolute path of its data directory. */
  readonly dataDir: string;
  /**
   * Reads the owner's access token from its file, once the server has proved that it has the same.
   *
   * @throws LocalServerError `unproven` if another program answers at the address, `unreachable` if none does.
   */
  token(): Promise<string>;
}

/**
 * Why no server can be used: none runs, its token cannot be read, it is on another machine, what listens there did not prove
 * that it is the server, nothing answers there now, or this runtime cannot read files.
 */
export type LocalServerProblem = 'not_running' | 'no_token' | 'not_local' | 'unproven' | 'unreachable' | 'unsupported';

/** No server was found on this machine. The message says where it was looked for, and what to do. */
export class LocalServerError extends Error {
  override readonly name = 'LocalServerError';
  readonly problem: LocalServerProblem;

  constructor(problem: LocalServerProblem, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.problem = problem;
  }
}
