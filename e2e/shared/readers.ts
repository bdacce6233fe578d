import { type Client, type ClientOptions, createClient, type SessionEvent, type StreamEnd } from '@parleyhq/client';
import { WebSocket } from 'ws';
import type { Direct } from './history.js';
import type { Random } from './random.js';
import { watched } from './watched.js';

/** The frames that a reader has got from a session. */
export interface Reading {
  readonly name: string;
  readonly frames: readonly string[];
  /** Resolves when the session is closed and everything has come. */
  readonly finished: Promise<void>;
}

/** The frame of an event of the SDK. */
export function frameOf({ id, timestamp, ...payload }: SessionEvent): string {
  return JSON.stringify({ type: 'event', id, timestamp, payload });
}

/**
 * Reads a session from its beginning with the SDK. It pauses now and then, and hands over at its cursor to another
 * loop: of another client, as another process would do, or of the given client, whose loops share a socket.
 */
export function readWithSdk(
  name: string,
  from: ClientOptions | Client,
  sessionId: string,
  random: Random,
  signal: AbortSignal,
): Reading {
  const frames: string[] = [];
  const read = async () => {
    let end: StreamEnd | undefined;
    let cursor = 0;
    do {
      await using client =
        'sessions' in from ? borrow(from) : createClient({ ...from, queueLimit: random.pick([10, 200, 1000]) });
      const session = await client.sessions.get(sessionId, { signal });
      const stream = session.events({ after: cursor, signal });
      for await (const event of stream) {
        if (random.chance(0.002)) break;
        frames.push(frameOf(event));
        if (random.chance(0.05)) await new Promise((resolve) => setTimeout(resolve, random.integer(0, 5)));
      }
      ({ cursor, end } = stream);
    } while (end?.reason === 'left');
    if (end?.reason !== 'session_closed') throw new Error(`${name} ended: ${end?.reason}`);
  };
  return { name, frames, finished: watched(read()) };
}

/** A client that is not closed after use, since others use it too. */
function borrow({ http, sessions }: Client): Client {
  return { http, sessions, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/**
 * Reads a session from its beginning over bare sockets. Each is opened after the last event of the one before. Even
 * within one connection there may be no gap and no duplicate.
 */
export function readWithSockets(name: string, { url, token }: Direct, sessionId: string, signal: AbortSignal): Reading {
  const frames: string[] = [];
  const address = `${url.replace('http', 'ws')}/api/sessions/${sessionId}/events?since_event_id=`;
  const connectOnce = () =>
    new Promise<boolean>((resolve, reject) => {
      const socket = new WebSocket(`${address}${frames.length}`, ['parley.v1', `parley.bearer.${token}`]);
      let timer = setTimeout(() => socket.terminate(), 1_000);
      socket.on('message', (data) => {
        clearTimeout(timer);
        timer = setTimeout(() => socket.terminate(), 1_000);
        const frame = String(data);
        if (!frame.startsWith('{"type":"event"')) return;
        const { id } = JSON.parse(frame);
        if (id === frames.length + 1) frames.push(frame);
        else reject(new Error(`${name}: event ${id} came after ${frames.length}`));
      });
      socket.on('error', () => socket.terminate());
      socket.on('close', (code) => {
        clearTimeout(timer);
        resolve(code === 1000);
      });
    });
  const read = async () => {
    while (!(await connectOnce()) && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { name, frames, finished: watched(read()) };
}
