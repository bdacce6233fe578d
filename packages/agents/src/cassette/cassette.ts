import type { Raw } from '../map/read.js';

/** The version of the format that is written, and the only one that is read. */
export const CASSETTE_VERSION = 1;

/** The first line of a cassette. */
export interface CassetteHeader {
  readonly cassette: typeof CASSETTE_VERSION;
  /** Milliseconds since the epoch. */
  readonly recorded_at: number;
  /** The agent that was recorded, for people: a name, or the file name of its command. */
  readonly agent: string;
}

/** Who wrote a line. */
export type Side = 'agent' | 'client';

/** Each further line: what was written, or how the agent ended, `t` milliseconds after `recorded_at`. */
export type CassetteEntry = { readonly t: number } & (
  | { readonly from: Side; readonly message: Raw }
  /** A line that was not a JSON object. */
  | { readonly from: Side; readonly text: string }
  /** A line that was too long to keep. */
  | { readonly from: Side; readonly skipped_bytes: number }
  | { readonly exit: CassetteExit }
);

/** How the recorded agent ended. */
export interface CassetteExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Placeholder for the folder of the conversation. */
export const CWD_PLACE = '{{parley.cwd}}';

/** Placeholder for the home directory of the person who recorded. */
export const HOME_PLACE = '{{parley.home}}';

/** Replaces a secret. */
export const REDACTED = '[redacted]';
