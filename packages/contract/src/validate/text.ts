import type { Problem, Validation, Validator } from './problems.js';

/** The result of parsing a frame: the frame, or its problems and, if the text is JSON, the raw value. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly raw?: unknown };

/** Encodes a frame, if it is valid. */
export function encodeFrame<T>(frame: T, validate: Validator<T>): Validation<string> {
  const result = validate(frame);
  return result.ok ? { ok: true, value: JSON.stringify(frame) } : result;
}

/** Parses and validates a frame. */
export function parseFrame<T>(text: string, validate: Validator<T>): Parsed<T> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const message = `expected JSON, got something else: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, problems: [{ pointer: '', keyword: 'json', message }] };
  }
  const result = validate(raw);
  return result.ok ? result : { ok: false, problems: result.problems, raw };
}
