/** The target of the cases. */
export interface World {
  readonly port: number;
  readonly token: string;
  /** A folder that sessions may work in. */
  readonly project: string;
  /** An open session that gets all cases. */
  readonly live: string;
  /** A closed session. */
  readonly closed: string;
}
