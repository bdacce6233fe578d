import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { CASSETTE_VERSION, type CassetteEntry, type CassetteHeader } from './cassette.js';

/** A cassette that is being written. */
export interface Tape {
  readonly file: string;
  /** Writes one line. The operating system has it when this returns, so it survives a crash of this process. */
  write(entry: CassetteEntry): void;
  close(): void;
  /** Deletes the file. To be called when there was nothing to record. */
  remove(): void;
}

/**
 * Creates a new cassette that only its owner can read. `output` is the file, or an existing folder in which the cassette
 * gets a unique name. Throws when the file exists: a recording is never overwritten.
 */
export function openTape(output: string, agent: string, recordedAt: number): Tape {
  const file = isFolder(output) ? join(output, nameOf(agent, recordedAt)) : output;
  const descriptor = openSync(file, 'wx', 0o600);
  const write = (line: CassetteHeader | CassetteEntry) => {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  };
  write({ cassette: CASSETTE_VERSION, recorded_at: recordedAt, agent });
  const close = () => closeSync(descriptor);
  return {
    file,
    write,
    close,
    remove() {
      close();
      rmSync(file);
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A name that sorts by time. The process id distinguishes two agents that start at the same moment. */
function nameOf(agent: string, recordedAt: number): string {
  const time = new Date(recordedAt).toISOString().replace(/[:.]/g, '-');
  return `${agent}-${time}-${process.pid}.jsonl`;
}
