import { inspect } from 'node:util';
import { createProgram } from './create-program.js';
import { EXIT, ExitError } from './exit-error.js';

/**
 * Runs the `parley` command. Errors are printed on standard error.
 *
 * @param args The arguments after the name `parley`.
 * @returns The exit code.
 */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitError) {
      // Commander has already printed its own messages: their ExitError has an empty one.
      if (error.message !== '') await tell(error.message);
      return error.exitCode;
    }
    await tell(inspect(error));
    return EXIT.failed;
  }
}

// Loaded for an error alone.
async function tell(message: string): Promise<void> {
  const { printError } = await import('./print-error.js');
  printError(message);
}
