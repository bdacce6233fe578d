import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { BrokenRule } from '../broken-rule.js';
import { createTranscript } from '../client/transcript.js';
import type { World } from '../world/world.js';
import type { Frame } from './frame-log.js';
import { type HandshakeOptions, tryHandshake } from './handshake.js';

/** A socket that a rule uses. Its frames are kept, and judged by the documents. */
export interface EventSocket {
  /** The path of its session. */
  readonly path: string;
  /** The frames so far. */
  readonly frames: readonly Frame[];
  /** The events among them. */
  readonly events: readonly Frame[];
  /** The subprotocol that the server selected. */
  readonly protocol: string;
  /** The ack, which is the first frame. */
  readonly ack: Frame;
  /** The WebSocket itself, for pings and pauses. */
  readonly webSocket: WebSocket;
  /** Sends a frame of the contract and returns its id. */
  send(type: 'submission' | 'heartbeat', payload: object): string;
  /** Sends any data, as a text frame or a binary one. */
  sendRaw(data: string | Buffer, options?: { binary: boolean }): void;
  /**
   * The first frame for which `matches` holds, of those that have come or come within 15 s.
   *
   * @param what What the rule waits for, as a phrase.
   * @throws BrokenRule if it does not come, or the socket closes before.
   */
  wait(what: string, matches: (frame: Frame) => boolean): Promise<Frame>;
  /** The first event of this type with these fields. */
  waitForEvent(type: string, fields?: Readonly<Record<string, unknown>>): Promise<Frame>;
  /** The `error` frame in reply to the frame with this id; for undefined, an `error` frame without `in_reply_to`. */
  waitForError(inReplyTo: string | undefined): Promise<Frame>;
  /** Sends a heartbeat and waits for its answer. The server has then read every frame that was sent before. */
  heartbeat(): Promise<Frame>;
  /**
   * The close code, once it is closed.
   *
   * @throws BrokenRule if it stays open.
   */
  closed(): Promise<number>;
  /** Cuts the line. */
  cut(): void;
  /** A BrokenRule with what was sent and received. */
  broken(facts: { readonly expected: string; readonly got: string }): BrokenRule;
}

/**
 * Opens a socket of a session and waits for its first frame.
 *
 * @throws BrokenRule if the handshake is refused, or the first frame is not an ack.
 */
export async function openSocket(world: World, path: string, options: HandshakeOptions = {}): Promise<EventSocket> {
  const frames: Frame[] = [];
  const events: Frame[] = [];
  const watchers = new Set<() => void>();
  const sent = createTranscript();
  const received = createTranscript();
  let code: number | undefined;
  let count = 0;
  const handshake = await tryHandshake(world, path, options, (socket) => {
    socket.on('message', (data, isBinary) => receive(isBinary ? undefined : String(data)));
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
      const matches = ({ payload }: Frame) =>
        payload.type === type && Object.entries(fields).every(([name, value]) => payload[name] === value);
      return waitFor(what, (frame) => frame.type === 'event' && matches(frame));
    },
    waitForError: (id) =>
      waitFor(
        id === undefined ? 'an error frame without in_reply_to' : `an error frame with in_reply_to ${id}`,
        ({ type, payload }) => type === 'error' && payload.in_reply_to === id,
      ),
    heartbeat() {
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

  function receive(data: string | undefined): void {
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
    for (const check of [...watchers]) check();
  }

  /** Waits until the condition holds, the socket closes, or the time is up. */
  async function until(condition: () => boolean): Promise<void> {
    const timer = new AbortController();
    const done = new Promise<void>((resolve) => {
      const check = () => {
        if (!condition() && code === undefined) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
    });
    const late = wait(world.patience, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([done, late]);
    timer.abort();
  }

  async function waitFor(what: string, matches: (frame: Frame) => boolean): Promise<Frame> {
    let looked = 0;
    let found: Frame | undefined;
    await until(() => {
      while (found === undefined && looked < frames.length) {
        const frame = frames[looked];
        looked += 1;
        if (frame !== undefined && matches(frame)) found = frame;
      }
      return found !== undefined;
    });
    if (found !== undefined) return found;
    const got = code === undefined ? `none within ${world.patience / 1000} s` : `a socket that was closed with ${code}`;
    throw broken({ expected: what, got });
  }

  function broken(facts: { readonly expected: string; readonly got: string }): BrokenRule {
    return new BrokenRule({ ...facts, sent: sent.toString(), received: received.toString() });
  }
}
