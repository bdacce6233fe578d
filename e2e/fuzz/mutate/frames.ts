import type { Random } from '../../shared/random.js';
import { BINARY, CLOSE, PING, PONG, TEXT, writeFrame } from '../../shared/wire/write-frame.js';
import { flip } from './text.js';

/** The bytes of a message in a form that WebSocket forbids, or that clients hardly ever use. */
export function breakFrames(random: Random, payload: Buffer): Buffer {
  const whole = writeFrame({ opcode: TEXT, payload });
  const half = payload.length >> 1;
  const [front, back] = [payload.subarray(0, half), payload.subarray(half)];
  const control = random.pick([CLOSE, PING, PONG]);
  const code = (value: number, reason = '') => {
    const body = Buffer.alloc(2 + Buffer.byteLength(reason));
    body.writeUInt16BE(value, 0);
    body.write(reason, 2);
    return writeFrame({ opcode: CLOSE, payload: body });
  };
  return random.pick<() => Buffer>([
    () => writeFrame({ opcode: TEXT, payload, rsv: 4 }),
    () => writeFrame({ opcode: TEXT, payload, rsv: random.integer(1, 7) }),
    () => writeFrame({ opcode: TEXT, payload: Buffer.from('ca48cdc9c95728cf2fca4901000000ffff', 'hex'), rsv: 4 }),
    () => writeFrame({ opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload }),
    () => writeFrame({ opcode: TEXT, payload, masked: false }),
    () => writeFrame({ opcode: BINARY, payload }),
    () => writeFrame({ opcode: 0, payload }),
    () => writeFrame({ opcode: 0, payload, fin: false }),
    () => writeFrame({ opcode: TEXT, payload, length: payload.length + 1 }),
    () => writeFrame({ opcode: TEXT, payload, length: Math.max(0, payload.length - 1) }),
    () => writeFrame({ opcode: TEXT, payload, length: random.pick([1_048_577, 2 ** 31, 2 ** 40]) }),
    () => writeFrame({ opcode: TEXT, payload, length: 2n ** 63n }),
    () => writeFrame({ opcode: TEXT, payload, length: 2n ** 64n - 1n, lengthBits: 64 }),
    () => writeFrame({ opcode: TEXT, payload, lengthBits: 64 }),
    () => writeFrame({ opcode: TEXT, payload, lengthBits: 16 }),
    () => writeFrame({ opcode: TEXT, payload: Buffer.alloc(0) }),
    () => whole.subarray(0, random.integer(1, whole.length - 1)),
    () => flip(random, whole),
    () => Buffer.concat([whole, flip(random, whole), whole]),
    () => Buffer.from(Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 255))),
    () =>
      Buffer.concat([
        writeFrame({ opcode: TEXT, payload: front, fin: false }),
        writeFrame({ opcode: 0, payload: back }),
      ]),
    () =>
      Buffer.concat([
        writeFrame({ opcode: TEXT, payload: front, fin: false }),
        writeFrame({ opcode: PING, payload: Buffer.from('p') }),
        writeFrame({ opcode: 0, payload: back }),
      ]),
    () => Buffer.concat([writeFrame({ opcode: TEXT, payload: front, fin: false }), whole]),
    () => writeFrame({ opcode: TEXT, payload: front, fin: false }),
    () =>
      Buffer.concat([
        writeFrame({ opcode: TEXT, payload: front, fin: false, rsv: 4 }),
        writeFrame({ opcode: 0, payload: back, rsv: 4 }),
      ]),
    () =>
      Buffer.concat([
        writeFrame({ opcode: TEXT, payload: Buffer.alloc(0), fin: false }),
        ...Array.from({ length: 500 }, () => writeFrame({ opcode: 0, payload: Buffer.alloc(0), fin: false })),
        writeFrame({ opcode: 0, payload }),
      ]),
    () =>
      Buffer.concat(
        [...payload].slice(0, 200).map((byte, at) =>
          writeFrame({
            opcode: at === 0 ? TEXT : 0,
            fin: at === Math.min(payload.length, 200) - 1,
            payload: Buffer.from([byte]),
          }),
        ),
      ),
    () => writeFrame({ opcode: TEXT, payload: Buffer.concat([front, Buffer.from([0xff, 0xc0, 0x80]), back]) }),
    () =>
      Buffer.concat([
        writeFrame({ opcode: TEXT, payload: Buffer.from([0xe2, 0x82]), fin: false }),
        writeFrame({ opcode: 0, payload: Buffer.from([0x41]) }),
      ]),
    () =>
      Buffer.concat([
        writeFrame({ opcode: TEXT, payload: Buffer.from([0x22, 0xf0, 0x9f]), fin: false }),
        writeFrame({ opcode: 0, payload: Buffer.from([0x98, 0x80, 0x22]) }),
      ]),
    () => writeFrame({ opcode: control, payload: Buffer.alloc(126, 0x61) }),
    () => writeFrame({ opcode: control, payload: Buffer.alloc(125, 0x61) }),
    () => writeFrame({ opcode: control, payload: Buffer.from('x'), fin: false }),
    () => writeFrame({ opcode: control, payload: Buffer.alloc(0), rsv: 1 }),
    () => writeFrame({ opcode: CLOSE, payload: Buffer.from([3]) }),
    () =>
      code(
        random.pick([
          0, 999, 1_000, 1_001, 1_004, 1_005, 1_006, 1_007, 1_015, 1_016, 2_999, 3_000, 4_400, 4_999, 5_000, 65_535,
        ]),
      ),
    () => code(1_000, 'r'.repeat(123)),
    () => Buffer.concat([code(1_000), whole]),
    () => writeFrame({ opcode: CLOSE, payload: Buffer.from([3, 0xe8, 0xff, 0xfe]) }),
    () => Buffer.concat(Array.from({ length: 20 }, () => writeFrame({ opcode: BINARY, payload }))),
    () => Buffer.concat(Array.from({ length: 130 }, () => writeFrame({ opcode: TEXT, payload: Buffer.from('{') }))),
    () =>
      Buffer.concat(
        Array.from({ length: 130 }, () =>
          writeFrame({
            opcode: TEXT,
            payload: Buffer.from('{"type":"heartbeat","id":"1","timestamp":1,"payload":{}}'),
          }),
        ),
      ),
    () => Buffer.concat(Array.from({ length: 100 }, () => writeFrame({ opcode: PING, payload: Buffer.alloc(125) }))),
    () => Buffer.from('GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  ])();
}
