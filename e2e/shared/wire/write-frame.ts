/** The parts of a frame's header, which may be false. */
export interface FrameParts {
  readonly fin?: boolean;
  /** The three reserved bits; 4 is that of a compressed message. */
  readonly rsv?: number;
  readonly opcode: number;
  readonly payload: Buffer;
  readonly masked?: boolean;
  /** The length in its header. Default: the length of the payload. */
  readonly length?: number | bigint;
  /** In how many bits the length is written. Default: as few as possible. */
  readonly lengthBits?: 7 | 16 | 64;
}

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

const MASK = Buffer.from([0x5a, 0x01, 0xff, 0x83]);

/** The bytes of a frame, by default as a client writes it. */
export function writeFrame(parts: FrameParts): Buffer {
  const { fin = true, rsv = 0, opcode, payload, masked = true, length = payload.length } = parts;
  const fewest = length < 126 ? 7 : length < 65_536 ? 16 : 64;
  const bits = parts.lengthBits ?? fewest;
  const first = (fin ? 0x80 : 0) | ((rsv & 7) << 4) | (opcode & 15);
  const mask = masked ? 0x80 : 0;
  const header = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10);
  header.writeUInt8(first, 0);
  header.writeUInt8(mask | (bits === 7 ? Number(length) & 0x7f : bits === 16 ? 126 : 127), 1);
  if (bits === 16) header.writeUInt16BE(Number(length) & 0xffff, 2);
  if (bits === 64) header.writeBigUInt64BE(BigInt.asUintN(64, BigInt(length)), 2);
  if (!masked) return Buffer.concat([header, payload]);
  const hidden = Buffer.from(payload);
  for (let index = 0; index < hidden.length; index += 1) {
    hidden.writeUInt8(hidden.readUInt8(index) ^ MASK.readUInt8(index % 4), index);
  }
  return Buffer.concat([header, MASK, hidden]);
}
