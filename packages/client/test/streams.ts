import { type ClientOptions, createClient } from '../src/create-client.js';
import type { Session } from '../src/session.js';
import type { EventStream } from '../src/stream/event-stream.js';
import type { SessionEvent } from '../src/stream/session-event.js';
import type { Peer } from './peer.js';
import { SESSION } from './peer-session.js';

/** A handle on the peer's session, of a client of its own that is quick to try again. */
export async function openSession(peer: Peer, options: Partial<ClientOptions> = {}): Promise<Session> {
  const client = createClient({ baseUrl: peer.url, token: 'secret', backoff: { base: 1, max: 5 }, ...options });
  return client.sessions.get(SESSION);
}

/** The next so many events of a stream, as the texts of notices, or their types. */
export async function take(stream: AsyncIterator<SessionEvent>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await stream.next();
    if (done) throw new Error(`The stream ended after ${taken.join()}`);
    taken.push(value.type === 'notice' ? value.message : value.type);
  }
  return taken;
}

/** What a loop over the stream throws. */
export async function failure(stream: EventStream): Promise<unknown> {
  try {
    for await (const _ of stream);
  } catch (error) {
    return error;
  }
  throw new Error('The loop ended without an error.');
}
