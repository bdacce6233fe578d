/** The options of all token commands. */
export interface TokenFlags {
  /** The data directory of the server. */
  readonly dataDir: string;
  readonly json?: true;
}
