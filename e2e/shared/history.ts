import type { EventFrame } from '@parleyhq/contract';
import { expect } from 'vitest';

/** The address of a server, without the faulty proxy. */
export interface Direct {
  readonly url: string;
  readonly token: string;
}

/** The frames of a session's log after an event, byte for byte as in its history. */
export async function readFrames({ url, token }: Direct, sessionId: string, behind = 0): Promise<string[]> {
  const frames: string[] = [];
  for (let after: number | null = behind; after !== null; ) {
    const address: string = `${url}/api/sessions/${sessionId}/history?limit=1000&after=${after}`;
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    const page: { items: EventFrame[]; next_after: number | null } = JSON.parse(text);
    const items = page.items.map((item) => JSON.stringify(item));
    // Parsing and writing gives the same bytes, so frames can be compared byte for byte.
    if (!text.includes(`[${items.join(',')}]`))
      throw new Error(`the history behind ${after} is not written as JSON is`);
    frames.push(...items);
    after = page.next_after;
  }
  const ids = frames.map((frame) => parse(frame).id);
  expect(ids).toEqual(Array.from(ids, (_, index) => behind + index + 1));
  return frames;
}

/** Fails unless a reader has got exactly these frames; says where the first difference is. */
export function expectSame(got: readonly string[], expected: readonly string[], reader: string): void {
  const at = expected.findIndex((frame, index) => frame !== got[index]);
  if (at >= 0) expect(got.slice(at, at + 3), `${reader}, at event ${at + 1}`).toEqual(expected.slice(at, at + 3));
  expect(got.length, `the events that ${reader} has got`).toBe(expected.length);
}

/** The event of a frame. */
export function parse(frame: string): EventFrame {
  return JSON.parse(frame);
}
