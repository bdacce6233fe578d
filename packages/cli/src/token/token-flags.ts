/** What all commands on tokens take. */
export interface TokenFlags {
  /** The data directory of the server. */
  readonly dataDir: string;
  readonly json?: true;
}
