import { inspect } from 'node:util';
import { createProgram } from './create-program.js';
import { EXIT, ExitError } from './exit-error.js';

/**
 * Runs the `parley` command. What goes wrong is said on standard error.
 *
 * @param args What follows the command's name.
 * @returns The exit code.
 */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitError) {
      // Commander has printed its own messages already: they come without one.
      if (error.message !== '') process.stderr.write(`parley: ${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`${inspect(error)}\n`);
    return EXIT.failed;
  }
}
