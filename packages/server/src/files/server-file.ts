import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './write-whole.js';

/** The content of `server.json` in the data directory: clients on the same machine find a running server with it. */
export interface ServerFile {
  /** Where it listens. */
  readonly url: string;
  /** Its process. If there is no such process, a killed server has left the file. */
  readonly pid: number;
  /** When the process started: another one that gets the same pid has another time. */
  readonly started?: string | undefined;
  /** The file that holds the owner's token. */
  readonly token_path: string;
}

/** Writes `server.json` with mode 0600. */
export function writeServerFile(dataDirectory: string, file: ServerFile): Promise<void> {
  return writeWhole(pathIn(dataDirectory), `${JSON.stringify(file)}\n`);
}

/** Removes `server.json`, if it exists. */
export function removeServerFile(dataDirectory: string): Promise<void> {
  return rm(pathIn(dataDirectory), { force: true });
}

function pathIn(dataDirectory: string): string {
  return join(dataDirectory, 'server.json');
}
