/** The ends of the command: what a script can tell apart. */
export const EXIT = {
  /** Something nobody expected; for `parley run`: the turn did not end as completed, or its patch did not land. */
  failed: 1,
  /** An option that makes no sense. */
  usage: 2,
  /** Another server has the data directory. */
  dataDirectoryInUse: 3,
  /** The address cannot be listened at. */
  addressInUse: 4,
  /** The server cannot be reached, or does not let the caller in. */
  noServer: 5,
  /** Ctrl-C, or another client interrupted the turn. */
  interrupted: 130,
} as const;

/** Ends the command with a message for people and an exit code for scripts. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
