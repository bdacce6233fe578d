import { record } from './record.js';

/** What `parley record` is told. */
export interface RecordProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** What the cassette calls the agent. @default the file name of the command */
  readonly agent?: string;
  /** A file that is not there, or a folder that is. */
  readonly output: string;
}

/**
 * Makes this process a recording stand-in for an agent's command: it reads, writes and ends as the agent does. Rejects
 * with a sentence when the tape or the agent cannot be started; else it does not come back.
 */
export async function recordProcess(options: RecordProcessOptions): Promise<never> {
  const exit = await record({
    ...options,
    env: process.env,
    input: process.stdin,
    outputStream: process.stdout,
    log: (line) => process.stderr.write(`parley record: ${line}\n`),
  }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(explain(error, options), { cause: error });
  });
  if (exit.signal !== null) {
    process.kill(process.pid, exit.signal);
    await new Promise(() => undefined); // the signal ends it
  }
  process.exit(exit.code ?? 1);
}

function explain(error: NodeJS.ErrnoException, { command, output }: RecordProcessOptions): string {
  if (error.syscall?.startsWith('spawn')) {
    return `could not run ${command}: ${error.code === 'ENOENT' ? 'no such command was found' : error.message}`;
  }
  if (error.code === 'EEXIST') {
    return `${output} exists, and a recording is never written over; name another file, or a folder for one file each`;
  }
  return `could not write ${output}: ${error.message}`;
}
