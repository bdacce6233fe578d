/** A WebSocket frame as it came. */
export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Without its mask. */
  readonly payload: Buffer;
}

/** Reads every whole frame at the beginning of some bytes. */
export function parseFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  for (let size = sizeOf(rest); size !== undefined && rest.length >= size; size = sizeOf(rest)) {
    const first = rest.readUInt8(0);
    const masked = rest.readUInt8(1) >= 0x80;
    const begin = headerOf(rest);
    const payload = rest.subarray(begin, size);
    frames.push({
      fin: first >= 0x80,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked,
      payload: masked ? unmask(payload, rest.subarray(begin - 4, begin)) : payload,
    });
    rest = rest.subarray(size);
  }
  return { frames, rest };
}

function unmask(payload: Buffer, key: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ (key[index % 4] ?? 0)));
}

// The header of a frame whose first two bytes are there.
function headerOf(bytes: Buffer): number {
  const second = bytes.readUInt8(1);
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0);
}

function sizeOf(bytes: Buffer): number | undefined {
  if (bytes.length < 2 || bytes.length < headerOf(bytes)) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return headerOf(bytes) + length;
}
