import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { SessionEvent } from '@parleyhq/client';

/** Writes events, each as the `event` frame that it came in, one a line. Resolves when the reader has room for more. */
export async function writeJsonLine(output: Writable, event: SessionEvent, signal: AbortSignal): Promise<void> {
  if (!output.write(`${frameOf(event)}\n`)) await once(output, 'drain', { signal });
}

/** The frame of an event, byte for byte: the SDK adds an event's place to what the payload has. */
function frameOf(event: SessionEvent): string {
  if (event.type === 'unknown') {
    return JSON.stringify({ type: 'event', id: event.id, timestamp: event.timestamp, payload: event.raw });
  }
  const { id, timestamp, ...payload } = event;
  return JSON.stringify({ type: 'event', id, timestamp, payload });
}
