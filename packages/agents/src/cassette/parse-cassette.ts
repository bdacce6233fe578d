import { type Raw, readCount, readObject, readText } from '../map/read.js';
import { CASSETTE_VERSION, type CassetteEntry } from './cassette.js';

/** A file is not a cassette of a known version. The message names the file, the line and what was expected there. */
export class CassetteError extends Error {
  override readonly name = 'CassetteError';
}

/** A cassette that was read. */
export interface Cassette {
  readonly agent: string;
  readonly entries: readonly NumberedEntry[];
}

/** An entry and the line that it stands on, counted from 1. */
export interface NumberedEntry {
  readonly line: number;
  readonly entry: CassetteEntry;
}

/**
 * Reads a cassette. Unknown properties are ignored. A last line without a newline is ignored too: the recorder was killed
 * while it wrote the line. Throws `CassetteError` for anything else that does not fit.
 */
export function parseCassette(text: string, file: string): Cassette {
  const lines = text.split('\n');
  lines.pop(); // what follows the last newline
  const fail = (line: number, problem: string): never => {
    throw new CassetteError(`${file}:${line}: ${problem}`);
  };
  const parse = (line: string, number: number): Raw => {
    const value = parseJson(line);
    return readObject(value) ?? fail(number, `expected a JSON object, got ${shorten(line)}`);
  };

  const header = readObject(parseJson(lines[0] ?? '')) ?? {};
  if (header.cassette === undefined) fail(1, `expected the header of a cassette, {"cassette":${CASSETTE_VERSION},…}`);
  if (header.cassette !== CASSETTE_VERSION) {
    fail(1, `expected a cassette of version ${CASSETTE_VERSION}, got ${JSON.stringify(header.cassette)}`);
  }
  const entries = lines.slice(1).flatMap((line, index): NumberedEntry[] => {
    if (line.trim() === '') return [];
    const number = index + 2;
    const entry =
      readEntry(parse(line, number)) ?? fail(number, `expected an entry of a cassette, got ${shorten(line)}`);
    return [{ line: number, entry }];
  });
  return { agent: readText(header.agent, 200) ?? 'an agent', entries };
}

function readEntry(raw: Raw): CassetteEntry | undefined {
  const t = readCount(raw.t);
  if (t === undefined) return undefined;
  const exit = readObject(raw.exit);
  if (exit) {
    const { code, signal } = exit;
    const isEnd = (code === null || Number.isInteger(code)) && (signal === null || typeof signal === 'string');
    return isEnd ? { t, exit: { code: code as number | null, signal } } : undefined;
  }
  const { from } = raw;
  if (from !== 'agent' && from !== 'client') return undefined;
  const message = readObject(raw.message);
  if (message) return { t, from, message };
  if (typeof raw.text === 'string') return { t, from, text: raw.text };
  const skipped = readCount(raw.skipped_bytes);
  return skipped === undefined ? undefined : { t, from, skipped_bytes: skipped };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the caller reports it
  }
}

function shorten(line: string): string {
  return line.length <= 80 ? line : `${line.slice(0, 80)}…`;
}
