import { visibleInLog } from '@parleyhq/conformance/visible';

/** Prints a message on standard error. Whoever wrote a part of it, a server too, it does nothing to the terminal. */
export function printError(message: string): void {
  process.stderr.write(`parley: ${visibleInLog(message)}\n`);
}
