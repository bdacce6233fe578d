import { isDeepStrictEqual } from 'node:util';
import type { World } from '../world/world.js';
import { type EventSocket, openSocket } from './event-socket.js';
import type { Frame } from './frame-log.js';

/** Opens a socket of a new session. */
export async function beginSocket(world: World): Promise<EventSocket> {
  const { path } = await world.createSession();
  return openSocket(world, path);
}

/**
 * Sends a submission and returns its `submission_accepted` event.
 *
 * @throws BrokenRule if it is refused, or the event carries something else.
 */
export async function expectAccepted(socket: EventSocket, submission: object): Promise<Frame> {
  const known = socket.events.length;
  const id = socket.send('submission', submission);
  const event = await socket.wait(`submission_accepted, or an error in reply to ${id}`, (frame) => {
    if (frame.type === 'error') return frame.payload.in_reply_to === id;
    const isNew = frame.type === 'event' && socket.events.indexOf(frame) >= known;
    return isNew && frame.payload.type === 'submission_accepted';
  });
  if (event.type === 'error') throw socket.broken({ expected: `submission_accepted of frame ${id}`, got: event.text });
  const carried = Object(event.payload.submission);
  for (const [name, value] of Object.entries(submission)) {
    if (isDeepStrictEqual(carried[name], value)) continue;
    throw socket.broken({
      expected: `${name} ${JSON.stringify(value)} in the event`,
      got: JSON.stringify(carried[name]) ?? 'none',
    });
  }
  return event;
}

/**
 * Sends a submission that the server has to refuse.
 *
 * @throws BrokenRule if it is accepted, or its error has other fields.
 */
export async function expectError(
  socket: EventSocket,
  submission: object,
  wanted: { readonly code: string; readonly event_id?: number },
): Promise<void> {
  const { payload } = await socket.waitForError(socket.send('submission', submission));
  for (const [name, value] of Object.entries(wanted)) {
    if (payload[name] === value) continue;
    throw socket.broken({ expected: `an error with ${name} ${value}`, got: `${payload[name]}` });
  }
}
