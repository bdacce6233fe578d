// How a plain WebSocket client recognises the greeting and the events of a server.

/**
 * @typedef {object} FrameReader
 * @property {(data: Buffer, send: (text: string) => void) => Buffer | 'greeting' | undefined} read Returns the event in
 *   a message, if there is one. `send` answers the server.
 */

/** The first letter of a frame's type: `{"type":"heartbeat"…`; heartbeats depend on the clock and are not counted. */
const HEARTBEAT = 'h'.charCodeAt(0);
const TYPE = '{"type":"'.length;

/**
 * Reads Parley's frames, also when bare `ws` sends them. The first is the greeting.
 *
 * @returns {FrameReader}
 */
export function createPlainReader() {
  let greeted = false;
  return {
    read(data) {
      if (greeted) return data[TYPE] === HEARTBEAT ? undefined : data;
      greeted = true;
      return 'greeting';
    },
  };
}

const [OPEN, PING, MESSAGE] = [...'024'].map((digit) => digit.charCodeAt(0));
const [CONNECTED, EVENT] = [...'02'].map((digit) => digit.charCodeAt(0));
const BEFORE_EVENT = '42["event",'.length;

/**
 * Reads the few parts of Socket.IO that a reader needs (Engine.IO 4, packets of Socket.IO 5). An event is
 * `42["event",{…},"offset"]`. Missed events come before the greeting.
 *
 * @param {object} [recover] Private id and offset, from `whereToRecover`.
 * @returns {FrameReader & {whereToRecover(): {pid: string, offset: string}}}
 */
export function createSocketIoReader(recover) {
  let pid = '';
  /** @type {Buffer | undefined} */
  let last;
  return {
    read(data, send) {
      if (data[0] === PING) send('3');
      else if (data[0] === OPEN) send(`40${recover ? JSON.stringify(recover) : ''}`);
      if (data[0] !== MESSAGE) return undefined;
      if (data[1] === CONNECTED) {
        pid = JSON.parse(data.toString('utf8', 2)).pid;
        return 'greeting';
      }
      if (data[1] !== EVENT) throw new Error(`expected an event, got ${data}`);
      last = data;
      return data.subarray(BEFORE_EVENT, data.lastIndexOf(','));
    },

    whereToRecover: () => ({ pid, offset: last ? JSON.parse(last.toString('utf8', 2)).at(-1) : '' }),
  };
}
