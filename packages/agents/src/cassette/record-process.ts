import { record } from './record.js';

/** The options of `parley record`. */
export interface RecordProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The agent's name in the cassette. @default the file name of the command */
  readonly agent?: string;
  /** A file that does not exist yet, or an existing folder. */
  readonly output: string;
}

/**
 * Turns this process into a recorder that a client can start in place of an agent: it reads, writes and ends as the agent
 * does. Rejects with a sentence for people if the cassette or the agent cannot be started; otherwise it never returns.
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
    return `${output} exists, and a recording is never overwritten; name another file, or a folder that gets a new file for each recording`;
  }
  return `could not write ${output}: ${error.message}`;
}
