/** Which server of this machine to find. */
export interface LocalServerOptions {
  /** Its data directory. @default PARLEY_DATA_DIR of the environment, or else `~/.parley` */
  readonly dataDir?: string | undefined;
  /** Where it listens, on this machine. @default what the running server says in its data directory */
  readonly baseUrl?: string | undefined;
}

/** A server of this machine, as `createClient` takes it. */
export interface LocalServer {
  readonly baseUrl: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Reads the owner's access token, which stays in its file. */
  token(): Promise<string>;
}

/**
 * Why no server of this machine can be used: none runs there, its token cannot be read, or it is of another machine; or
 * this runtime can look for none.
 */
export type LocalServerProblem = 'not_running' | 'no_token' | 'not_local' | 'unsupported';

/** There is no server on this machine where one was looked for; the message says where that was, and what to do. */
export class LocalServerError extends Error {
  override readonly name = 'LocalServerError';
  readonly problem: LocalServerProblem;

  constructor(problem: LocalServerProblem, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.problem = problem;
  }
}
