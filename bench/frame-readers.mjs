// What a plain WebSocket client must know of a server to tell its greeting and its events from the rest.

/**
 * @typedef {object} FrameReader
 * @property {(data: Buffer, say: (text: string) => void) => Buffer | 'greeting' | undefined} read Gives the event in a
 *   message, if there is one; `say` answers the server.
 */

/** The first letter of a frame's type: `{"type":"heartbeat"…`; a heartbeat depends on the clock and counts for nothing. */
const HEARTBEAT = 'h'.charCodeAt(0);
const TYPE = '{"type":"'.length;

/**
 * Parley's frames, and the same from bare `ws`: the first is the greeting.
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
 * Socket.IO, the little of it that a reader needs (Engine.IO 4, packets of Socket.IO 5): an event is
 * `42["event",{…},"offset"]`. What was missed comes before the greeting.
 *
 * @param {object} [recover] Private id and offset, as `whereToRecover` gave them.
 * @returns {FrameReader & {whereToRecover(): {pid: string, offset: string}}}
 */
export function createSocketIoReader(recover) {
  let pid = '';
  /** @type {Buffer | undefined} */
  let last;
  return {
    read(data, say) {
      if (data[0] === PING) say('3');
      else if (data[0] === OPEN) say(`40${recover ? JSON.stringify(recover) : ''}`);
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
