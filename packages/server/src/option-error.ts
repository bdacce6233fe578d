/** An option is invalid. The message says what was expected and what was given. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** The name of the option, as in ServerOptions. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}
