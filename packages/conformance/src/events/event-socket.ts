import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { BrokenRule } from '../broken-rule.js';
import { createTranscript } from '../client/transcript.js';
import type { World } from '../world/world.js';
import type { Frame } from './frame-log.js';
import { type HandshakeOptions, shakeHands } from './handshake.js';

/** A socket of a rule: what it brings is kept, and judged by the documents. */
export interface EventSocket {
  /** Of its session. */
  readonly path: string;
  /** The frames so far. */
  readonly frames: readonly Frame[];
  /** The events among them. */
  readonly events: readonly Frame[];
  /** The subprotocol that the server selected. */
  readonly protocol: string;
  /** The ack, which is the first frame. */
  readonly ack: Frame;
  /** For what a frame cannot do. */
  readonly webSocket: WebSocket;
  /** Sends a frame of the contract; says its id. */
  send(type: 'submission' | 'heartbeat', payload: object): string;
  /** Sends a text frame, whatever is in it, or a binary one. */
  sendRaw(data: string | Buffer, options?: { binary: boolean }): void;
  /**
   * The first frame for which this holds, of those that have come or come within a time.
   *
   * @param what What is waited for, as a phrase.
   * @throws BrokenRule where it does not come, or the socket closes before.
   */
  wait(what: string, isIt: (frame: Frame) => boolean): Promise<Frame>;
  /** The first event of a type with these fields. */
  waitForEvent(type: string, fields?: Readonly<Record<string, unknown>>): Promise<Frame>;
  /** The `error` frame that answers a frame of this id, or one that answers none. */
  waitForError(inReplyTo: string | undefined): Promise<Frame>;
  /** The answer to a heartbeat that is sent now: whatever was sent before has been taken in. */
  beat(): Promise<Frame>;
  /**
   * The close code, once it is closed.
   *
   * @throws BrokenRule where it stays open.
   */
  closed(): Promise<number>;
  /** Cuts the line. */
  cut(): void;
  /** A rule that is broken, with what was sent and received. */
  broken(facts: { readonly expected: string; readonly got: string }): BrokenRule;
}

/** Milliseconds that a frame may take to come. */
const PATIENCE = 15_000;

/**
 * Opens a socket of a session and waits for its first frame.
 *
 * @throws BrokenRule where it is not let in, or the first frame is no ack.
 */
export async function openSocket(world: World, path: string, options: HandshakeOptions = {}): Promise<EventSocket> {
  const frames: Frame[] = [];
  const events: Frame[] = [];
  const watchers = new Set<() => void>();
  const sent = createTranscript();
  const received = createTranscript();
  let code: number | undefined;
  let count = 0;
  const handshake = await shakeHands(world, path, options, (socket) => {
    socket.on('message', (data, isBinary) => take(isBinary ? undefined : String(data)));
    socket.on('close', (closeCode) => {
      code = closeCode;
      world.coverage.mark('close', String(closeCode));
      received.note(`closed with ${closeCode}`);
      wake();
    });
  });
  if ('refusal' in handshake) {
    const { refusal } = handshake;
    throw new BrokenRule({ expected: 'a socket', got: `${refusal.status}`, exchange: refusal });
  }
  const { webSocket } = handshake;
  const stop = () => webSocket.terminate();
  world.signal.addEventListener('abort', stop, { once: true });
  webSocket.once('close', () => world.signal.removeEventListener('abort', stop));
  sent.note(`GET ${path}/events, ${JSON.stringify(options)}`);
  const ack = await waitFor('a connection_ack as the first frame', () => true);
  if (ack.type !== 'connection_ack') throw broken({ expected: 'a connection_ack as the first frame', got: ack.text });

  const socket: EventSocket = {
    path,
    frames,
    events,
    ack,
    webSocket,
    protocol: webSocket.protocol,
    send(type, payload) {
      count += 1;
      const frame = { type, id: String(count), timestamp: Date.now(), payload };
      world.coverage.mark('frame', `${type} to server`);
      socket.sendRaw(JSON.stringify(frame));
      return frame.id;
    },
    sendRaw(data, { binary } = { binary: false }) {
      sent.note(binary ? `binary: ${data.length} bytes` : String(data).slice(0, 500));
      webSocket.send(data, { binary });
    },
    wait: waitFor,
    waitForEvent(type, fields = {}) {
      const what = `an event ${type}${Object.keys(fields).length > 0 ? ` with ${JSON.stringify(fields)}` : ''}`;
      const isIt = ({ payload }: Frame) =>
        payload.type === type && Object.entries(fields).every(([name, value]) => payload[name] === value);
      return waitFor(what, (frame) => frame.type === 'event' && isIt(frame));
    },
    waitForError: (id) =>
      waitFor(
        id === undefined ? 'an error frame without in_reply_to' : `an error frame with in_reply_to ${id}`,
        ({ type, payload }) => type === 'error' && payload.in_reply_to === id,
      ),
    beat() {
      const id = socket.send('heartbeat', {});
      return waitFor(
        `a heartbeat with in_reply_to ${id}`,
        ({ type, payload }) => type === 'heartbeat' && payload.in_reply_to === id,
      );
    },
    async closed() {
      await until(() => code !== undefined);
      if (code === undefined) throw broken({ expected: 'the socket to be closed', got: 'one that is open' });
      return code;
    },
    cut: () => webSocket.terminate(),
    broken,
  };
  return socket;

  function take(data: string | undefined): void {
    received.note((data ?? 'a binary frame').slice(0, 500));
    const frame = world.frames.take(data);
    if (frame === undefined) return;
    frames.push(frame);
    world.coverage.mark('frame', `${frame.type} to client`);
    if (frame.type === 'event') {
      events.push(frame);
      world.coverage.mark('event', String(frame.payload.type));
    }
    if (frame.type === 'error') world.coverage.mark('error', String(frame.payload.code));
    wake();
  }

  function wake(): void {
    for (const look of [...watchers]) look();
  }

  /** Waits until it is so, the socket closes, or it has taken too long. */
  async function until(isSo: () => boolean): Promise<void> {
    const given = new AbortController();
    const come = new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo() && code === undefined) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
    const late = wait(PATIENCE, undefined, { signal: given.signal }).catch(() => undefined);
    await Promise.race([come, late]);
    given.abort();
  }

  async function waitFor(what: string, isIt: (frame: Frame) => boolean): Promise<Frame> {
    let looked = 0;
    let found: Frame | undefined;
    await until(() => {
      while (found === undefined && looked < frames.length) {
        const frame = frames[looked];
        looked += 1;
        if (frame !== undefined && isIt(frame)) found = frame;
      }
      return found !== undefined;
    });
    if (found !== undefined) return found;
    const got = code === undefined ? `none within ${PATIENCE / 1000} s` : `a socket that was closed with ${code}`;
    throw broken({ expected: what, got });
  }

  function broken(facts: { readonly expected: string; readonly got: string }): BrokenRule {
    return new BrokenRule({ ...facts, sent: sent.toString(), received: received.toString() });
  }
}
