import { randomUUID } from 'node:crypto';
import {
  type ErrorDetail,
  type EventsServerHandlers,
  encodeServerFrame,
  handleEventsClientFrame,
  type Limits,
  parseClientFrame,
  type ServerFrame,
  ServiceError,
  type Submission,
  wellFormedJson,
} from '@parleyhq/contract';
import { wireErrorOf } from '../log/wire-error.js';
import type { Feed } from '../stream/feed.js';
import type { Page } from '../stream/page.js';
import { createSubscription, type Subscription } from '../stream/subscription.js';

/** The result of the check of a handshake. */
export interface Admission {
  readonly feed: Feed;
  /** The cursor to resume from; undefined to get only new events. */
  readonly after?: number | undefined;
  /** Carries out a submission of this peer. Rejects with a ServiceError, which is sent to the peer. */
  submit(submission: Submission): Promise<unknown>;
}

/** The socket of a connection. A transport implements it. */
export interface ConnectionSocket {
  /** Sends the frames of a page. False if no more may be sent until `drained` is called. */
  sendPage(page: Page): boolean;
  /** Sends one text frame, even if the socket is full. */
  sendText(text: string): void;
  close(code: number, reason: string): void;
}

/** The settings of connections. */
export interface ConnectionSettings {
  /** The server sends something at least this often. */
  readonly heartbeatIntervalMs: number;
  /** The limits of the peer, which its `connection_ack` contains. */
  readonly limits: Limits;
  /** Receives errors that are faults of the server. */
  onError(error: unknown): void;
}

/** The connection of one peer. Its transport reports the events of the socket to it. */
export interface Connection {
  /** To be called with each message: its text, or undefined for a binary one. */
  message(text: string | undefined): void;
  /** To be called when the socket can take more. */
  drained(): void;
  /** To be called twice in every heartbeat interval: sends a heartbeat if nothing was sent since the last call. */
  tick(): void;
  /** Closes the socket with this code and sends no more events. */
  close(code: number, reason: string): void;
  /** To be called when the socket is closed. */
  closed(): void;
}

/** The most characters of a pointer or a message about a bad frame. */
const MAX_DETAIL = 1_024;

interface Answers {
  carryOut(submission: Submission, replyTo: string): Promise<void>;
  beat(replyTo: string): void;
}

const handlers: EventsServerHandlers<Answers, void> = {
  receiveFromClient: {
    submission: (frame, { carryOut }) => void carryOut(frame.payload, frame.id),
    heartbeat: (frame, { beat }) => beat(frame.id),
  },
};

/** Opens a connection on an admitted socket: sends the ack, then every event after the cursor. */
export function openConnection(
  socket: ConnectionSocket,
  { feed, after, submit }: Admission,
  { heartbeatIntervalMs, limits, onError }: ConnectionSettings,
): Connection {
  const id = randomUUID();
  let subscription: Subscription | undefined;
  let open = true;
  let idleSinceTick = false;
  let full = false;
  let badFrames = 0;
  let second = -1;
  let framesInSecond = 0;

  const send = (frame: ServerFrame): boolean => {
    const encoded = encodeServerFrame(frame);
    if (encoded.ok) {
      idleSinceTick = false;
      socket.sendText(encoded.value);
    } else {
      const places = encoded.problems.map(({ pointer, message }) => `${pointer}: ${message}`);
      onError(new Error(`the ${frame.type} frame to be sent does not fit the contract: ${places.join('; ')}`));
    }
    return encoded.ok;
  };

  const sendPage = (page: Page) => {
    idleSinceTick = false;
    full = !socket.sendPage(page);
    return !full;
  };

  const refuse = (error: ServiceError, replyTo?: string) => {
    if (!open) return;
    const timestamp = Date.now();
    const reply = replyTo === undefined ? {} : { in_reply_to: replyTo };
    if (send({ type: 'error', timestamp, payload: { ...error.toData(timestamp, id), ...reply } })) return;
    const unknown = new ServiceError('InternalError', 'the refusal could not be told');
    send({ type: 'error', timestamp, payload: { ...unknown.toData(timestamp, id), ...reply } });
  };

  const beat = (replyTo?: string) => {
    const payload = { latest_event_id: feed.latest, ...(replyTo === undefined ? {} : { in_reply_to: replyTo }) };
    send({ type: 'heartbeat', timestamp: Date.now(), payload });
  };

  const end = () => {
    open = false;
    subscription?.close();
  };

  const close = (code: number, reason: string) => {
    if (!open) return;
    end();
    socket.close(code, reason);
  };

  const fail = (error: unknown) => {
    const known = wireErrorOf(error);
    if (known?.code === 'CursorExpired') {
      refuse(known);
      close(4410, 'cursor expired');
    } else {
      onError(error);
      refuse(new ServiceError('InternalError', 'the events could not be read'));
      close(1011, 'internal error');
    }
  };

  const badFrame = (details: readonly ErrorDetail[], replyTo?: string) => {
    badFrames += 1;
    refuse(new ServiceError('InvalidRequest', 'the frame does not fit the contract', { details }), replyTo);
    // Without this: keeps a peer that sends nothing but bad frames
    if (badFrames >= limits.max_bad_frames) close(4400, 'too many bad frames');
  };

  const isTooFast = () => {
    const now = Math.floor(performance.now() / 1_000);
    framesInSecond = now === second ? framesInSecond + 1 : 1;
    second = now;
    // Without this: takes frames at any rate
    return framesInSecond > limits.max_frames_per_second;
  };

  const carryOut = async (submission: Submission, replyTo: string) => {
    try {
      await submit(submission);
    } catch (error) {
      if (!(error instanceof ServiceError)) onError(error);
      const known = error instanceof ServiceError ? error : wireErrorOf(error);
      refuse(known ?? new ServiceError('InternalError', 'the submission failed'), replyTo);
    }
  };

  const now = Date.now();
  const acknowledged = send({
    type: 'connection_ack',
    timestamp: now,
    payload: {
      session_id: feed.sessionId,
      connection_id: id,
      server_time: now,
      latest_event_id: feed.latest,
      earliest_event_id: feed.earliest,
      heartbeat_interval_ms: heartbeatIntervalMs,
      limits,
    },
  });
  if (!acknowledged) close(1011, 'internal error');
  if (open) {
    subscription = createSubscription({
      feed,
      // Without this: replays everything to who asked for nothing
      after: after ?? feed.latest,
      send: sendPage,
      ended: (reason) => (reason === 'purged' ? close(4404, 'session purged') : close(1000, 'session closed')),
      failed: fail,
    });
  }

  return {
    message(text) {
      if (!open) return;
      if (text === undefined)
        return badFrame([{ pointer: '/frame', message: 'expected a text frame, got a binary one' }]);
      // Without this: takes half a character of a client's frame
      const parsed = parseClientFrame(wellFormedJson(text));
      const replyTo = parsed.ok ? parsed.value.id : idOf(parsed.raw);
      if (isTooFast()) {
        const most = `at most ${limits.max_frames_per_second} frames a second`;
        return refuse(new ServiceError('TooManyRequests', `expected ${most}`, { retryAfter: 1 }), replyTo);
      }
      if (!parsed.ok) {
        // Names and values may be as long as a frame, so they are cut.
        const details = parsed.problems.map(({ pointer, message }) => ({
          pointer: `/frame${pointer}`.slice(0, MAX_DETAIL),
          message: message.slice(0, MAX_DETAIL),
        }));
        return badFrame(details, replyTo);
      }
      badFrames = 0;
      handleEventsClientFrame(handlers, parsed.value, { carryOut, beat });
    },

    drained() {
      full = false;
      subscription?.resume();
    },

    tick() {
      if (open && idleSinceTick && !full) beat();
      idleSinceTick = true;
    },

    close,
    closed: end,
  };
}

/** The id of a frame that does not fit the contract, so that the sender knows which frame the error is about. */
function idOf(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !('id' in raw)) return undefined;
  return typeof raw.id === 'string' && raw.id.length > 0 && raw.id.length <= 128 ? raw.id : undefined;
}
