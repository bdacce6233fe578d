import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { CASSETTE_VERSION, type CassetteEntry, type CassetteHeader } from './cassette.js';

/** A cassette that is being written. */
export interface Tape {
  readonly file: string;
  /** Writes one line. It is with the system when this returns, and outlives this process whatever ends it. */
  write(entry: CassetteEntry): void;
  close(): void;
  /** Leaves no file behind: there was nothing to record. */
  remove(): void;
}

/**
 * Makes a new cassette, readable by its owner alone. `output` is the file, or a folder that is there, in which it gets a
 * name of its own. Throws when the file exists: a recording is never written over.
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

/** Sorts by time; the process id keeps two agents of one moment apart. */
function nameOf(agent: string, recordedAt: number): string {
  const time = new Date(recordedAt).toISOString().replace(/[:.]/g, '-');
  return `${agent}-${time}-${process.pid}.jsonl`;
}
