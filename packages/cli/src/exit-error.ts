/** The exit codes of the command. */
export const EXIT = {
  /** An unexpected error. For `parley run`: the turn did not complete, or its patch was not applied. */
  failed: 1,
  /** An option or argument is wrong. */
  usage: 2,
  /** Another server has the data directory. */
  dataDirectoryInUse: 3,
  /** The server cannot listen at the address. */
  addressInUse: 4,
  /** The server cannot be reached, or refuses the credential. */
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
