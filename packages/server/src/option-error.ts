/** An option that makes no sense; the message names it and says what was expected and what was got. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  /** The name of the option, as in ServerOptions. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}
