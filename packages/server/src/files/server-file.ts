import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './write-whole.js';

/** What a running server says in its data directory, so that clients on its machine find it. */
export interface ServerFile {
  /** Where it listens. */
  readonly url: string;
  /** Its process: where there is none, the file is what a server that was killed has left. */
  readonly pid: number;
  /** The file that holds the owner's token. */
  readonly token_path: string;
}

/** Says where a server listens, in `server.json`, kept 0600. */
export function writeServerFile(dataDirectory: string, file: ServerFile): Promise<void> {
  return writeWhole(pathIn(dataDirectory), `${JSON.stringify(file)}\n`);
}

/** Takes back what `writeServerFile` has said, if anything. */
export function removeServerFile(dataDirectory: string): Promise<void> {
  return rm(pathIn(dataDirectory), { force: true });
}

function pathIn(dataDirectory: string): string {
  return join(dataDirectory, 'server.json');
}
