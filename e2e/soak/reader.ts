import { crc32 } from 'node:zlib';
import type { EventFrame } from '@parleyhq/contract';
import { type RawData, WebSocket } from 'ws';
import type { Direct } from '../shared/history.js';

/** Reports what a reader found wrong. The run fails with the first problems. */
export type Complain = (problem: string) => void;

/** Reads a session from its first event over one socket after another, and checks each frame. */
export interface Reader {
  /** The last event that has come. */
  readonly position: number;
  /** A hash of all frames so far in order: readers of the same bytes have the same hash. */
  readonly checksum: number;
  /** Resolves with the first `connection_ack`. */
  readonly ready: Promise<void>;
  /** Resolves when this event has come. */
  reached(id: number): Promise<void>;
  /** Resolves with the close code when the server has closed it. */
  readonly closed: Promise<number>;
  /** Cuts the connection at once; a new one goes on after the last event. False if there is no connection. */
  cut(): boolean;
  /** Sends a frame; false if there is no open connection. */
  send(frame: object): boolean;
}

/** The options of a reader. */
export interface ReaderOptions {
  readonly server: Direct;
  readonly sessionId: string;
  readonly complain: Complain;
  /** Gives events of these types, parsed. */
  readonly wants?: ReadonlySet<string>;
  onEvent?(frame: EventFrame): void;
}

const EVENT = /^\{"type":"event","id":(\d+),"timestamp":\d{13},"payload":\{"type":"([a-z_]+)"/;
const HEAD = 120;
const END = '}'.charCodeAt(0);
const GOING_AWAY = 1001;

/**
 * Opens a reader. If a connection ends in another way than by `cut` or a normal close of the server, that is reported.
 */
export function openReader({ server, sessionId, complain, wants, onEvent }: ReaderOptions): Reader {
  const address = `${server.url.replace('http', 'ws')}/api/sessions/${sessionId}/events?since_event_id=`;
  let position = 0;
  let checksum = 0;
  let acknowledged: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    acknowledged = resolve;
  });
  let end: (code: number) => void = () => undefined;
  const closed = new Promise<number>((resolve) => {
    end = resolve;
  });
  let awaited: { readonly id: number; readonly resolve: () => void } | undefined;
  let socket = connect();

  function connect(): WebSocket {
    const opened = new WebSocket(`${address}${position}`, ['parley.v1', `parley.bearer.${server.token}`], {
      perMessageDeflate: false,
    });
    opened.on('message', (data, isBinary) => {
      if (opened === socket) take(data, isBinary);
    });
    opened.on('error', (error) => {
      if (opened === socket) complain(`${sessionId}: ${error.message}`);
    });
    opened.on('close', (code) => {
      if (opened !== socket) return;
      if (code !== GOING_AWAY) complain(`${sessionId}: closed with ${code} behind event ${position}`);
      end(code);
    });
    return opened;
  }

  function take(data: RawData, isBinary: boolean): void {
    if (isBinary || !Buffer.isBuffer(data)) return complain(`${sessionId}: a binary frame`);
    const head = data.toString('latin1', 0, HEAD);
    const [, id, type] = EVENT.exec(head) ?? [];
    if (id === undefined || type === undefined) {
      if (head.startsWith('{"type":"connection_ack"')) acknowledged();
      else if (!head.startsWith('{"type":"heartbeat"')) complain(`${sessionId}: ${data}`);
      return;
    }
    if (Number(id) !== position + 1) complain(`${sessionId}: event ${id} came after ${position}`);
    if (data.at(-1) !== END) complain(`${sessionId}: event ${id} is cut off`);
    position = Number(id);
    checksum = crc32(data, checksum);
    if (awaited && position >= awaited.id) awaited.resolve();
    if (wants?.has(type)) onEvent?.(JSON.parse(String(data)));
  }

  return {
    ...{ ready, closed },
    get position() {
      return position;
    },
    get checksum() {
      return checksum;
    },
    reached: (id) =>
      position >= id
        ? Promise.resolve()
        : new Promise((resolve) => {
            awaited = { id, resolve };
          }),
    cut() {
      if (socket.readyState !== WebSocket.OPEN) return false;
      const before = socket;
      socket = connect();
      before.terminate();
      return true;
    },
    send(frame) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
  };
}
