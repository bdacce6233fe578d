import { createProgram } from './create-program.js';
import { EXIT, ExitError } from './exit-error.js';

try {
  await createProgram().parseAsync();
} catch (error) {
  const expected = error instanceof ExitError;
  // What commander has said already comes without a message.
  if (!expected) console.error(error);
  else if (error.message !== '') console.error(`parley: ${error.message}`);
  process.exit(expected ? error.exitCode : EXIT.failed);
}
