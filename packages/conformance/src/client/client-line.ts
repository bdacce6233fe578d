import { ENDS, type End } from './client-rule.js';

/** A parsed line of the client's output. CLIENT.md of this package describes each kind. */
export type ClientLine =
  | { readonly kind: 'event'; readonly id: number; readonly payload: unknown }
  | { readonly kind: 'unknown'; readonly id: number }
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'end'; readonly end: End; readonly code: string | undefined }
  | { readonly kind: 'skip'; readonly reason: string };

/**
 * Reads one line of a client's output.
 *
 * @throws Error that says what was expected.
 */
export function parseClientLine(text: string): ClientLine {
  const line = parseObject(text);
  if (line === undefined) throw new Error('a line that is a JSON object');
  const { event, unknown, state, end, skip, payload, code } = line;
  if (event !== undefined) {
    if (typeof payload !== 'object' || payload === null) throw new Error('the `payload` of the event beside its id');
    return { kind: 'event', id: readId(event), payload };
  }
  if (unknown !== undefined) return { kind: 'unknown', id: readId(unknown) };
  if (typeof state === 'string') return { kind: 'state', state };
  if (typeof skip === 'string') return { kind: 'skip', reason: skip };
  const reason = ENDS.find((name) => name === end);
  if (reason === undefined)
    throw new Error(`\`event\`, \`unknown\`, \`state\`, \`skip\`, or \`end\`: ${ENDS.join(', ')}`);
  return { kind: 'end', end: reason, code: typeof code === 'string' ? code : undefined };
}

function readId(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Error('the id of the event as a number');
  return value;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
