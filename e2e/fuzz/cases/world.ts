/** What cases are aimed at. */
export interface World {
  readonly port: number;
  readonly token: string;
  /** A folder that sessions may work in. */
  readonly project: string;
  /** A session that takes whatever comes. */
  readonly live: string;
  /** A closed one. */
  readonly closed: string;
}
