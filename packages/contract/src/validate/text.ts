import type { Problem, Validation, Validator } from './problems.js';

/** A frame from a text; where it does not fit, everything that is wrong, and the JSON value if it is any. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly raw?: unknown };

/** The text of a frame that fits. */
export function encodeFrame<T>(frame: T, validate: Validator<T>): Validation<string> {
  const result = validate(frame);
  return result.ok ? { ok: true, value: JSON.stringify(frame) } : result;
}

/** The frame that a text holds. */
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
