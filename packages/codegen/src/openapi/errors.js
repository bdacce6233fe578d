/**
 * @file The error table and the close codes, from `x-errors` and `x-close-codes`.
 */
import { banner } from '../banner.js';
import { docstring, propertyKey, quote } from '../names.js';

/** @param {any} document */
export function emitErrors(document) {
  const table = Object.entries(document['x-errors'] ?? {});
  const closeCodes = Object.entries(document['x-close-codes'] ?? {});
  return `${banner('openapi.yaml')}
/** What the contract says of an error code. */
export interface ErrorEntry {
  /** The HTTP status. */
  readonly status: number;
  /** The WebSocket close code, where a connection can end with this error. */
  readonly closeCode?: number;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
}

/** A code of the error table. */
export type ErrorCode =
${table.map(([code]) => `  | ${quote(code)}`).join('\n')};

// A call is shorter than an object, and applications bundle this table.
const entry = (status: number, retryable: boolean, closeCode?: number): ErrorEntry =>
  closeCode ? { status, retryable, closeCode } : { status, retryable };

/** The one table of errors, \`x-errors\`. */
export const errors: Readonly<Record<ErrorCode, ErrorEntry>> = {
${table.map(([code, entry]) => `${docstring(entry.description, '  ')}  ${propertyKey(code)}: ${errorEntry(entry)},`).join('\n')}
};

/** One sentence for each error code. */
export const errorDescriptions: Readonly<Record<ErrorCode, string>> = {
${table.map(([code, entry]) => `  ${propertyKey(code)}: ${quote(entry.description)},`).join('\n')}
};

/** What the contract says of a WebSocket close code. */
export interface CloseEntry {
  readonly name: string;
  /** Whether a client should connect again with its cursor. */
  readonly resume: boolean;
}

/** A WebSocket close code of the contract. */
export type CloseCode = ${closeCodes.map(([code]) => code).join(' | ') || 'never'};

/** The one table of close codes, \`x-close-codes\`. */
export const closeCodes: Readonly<Record<CloseCode, CloseEntry>> = {
${closeCodes.map(([code, entry]) => `${docstring(entry.description, '  ')}  ${propertyKey(code).replaceAll("'", '')}: { name: ${quote(entry.name)}, resume: ${entry.resume} },`).join('\n')}
};
`;
}

function errorEntry({ status, close_code: closeCode, retryable }) {
  return `entry(${[status, retryable, ...(closeCode === undefined ? [] : [closeCode])].join(', ')})`;
}
