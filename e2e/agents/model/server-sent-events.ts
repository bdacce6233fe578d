import type { ServerResponse } from 'node:http';

/** A frame of a server-sent event stream; vendors repeat the event's name inside the data as `type`. */
export interface ServerSentEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Answers a request with a whole event stream, one frame a `write`, so that the agent sees real deltas. */
export function sendEventStream(response: ServerResponse, events: readonly ServerSentEvent[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}
