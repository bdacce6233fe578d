import type { ServerResponse } from 'node:http';

/** A frame of a server-sent event stream. Vendors that name their events repeat the name inside the data as `type`. */
export interface ServerSentEvent {
  readonly type?: string;
  readonly [field: string]: unknown;
}

/** Answers a request with a whole event stream, one frame a `write`, so that the agent sees real deltas. */
export function sendEventStream(response: ServerResponse, events: readonly ServerSentEvent[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const event of events) {
    const name = event.type === undefined ? '' : `event: ${event.type}\n`;
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}
