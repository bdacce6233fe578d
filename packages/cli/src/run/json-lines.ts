import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { SessionEvent } from '@parleyhq/client';

/** Writes an event as its `event` frame, on one line. Resolves when the output has room for more. */
export async function writeJsonLine(output: Writable, event: SessionEvent, signal: AbortSignal): Promise<void> {
  if (!output.write(`${frameOf(event)}\n`)) await once(output, 'drain', { signal });
}

/**
 * The frame of an event, byte for byte. The SDK adds the id and the timestamp to the payload; here they are taken out.
 */
function frameOf(event: SessionEvent): string {
  if (event.type === 'unknown') {
    return JSON.stringify({ type: 'event', id: event.id, timestamp: event.timestamp, payload: event.raw });
  }
  const { id, timestamp, ...payload } = event;
  return JSON.stringify({ type: 'event', id, timestamp, payload });
}
