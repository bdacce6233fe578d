/** Opcodes of WebSocket (RFC 6455, section 5.2). */
const TEXT = 0x1;
const CONTINUATION = 0x0;
const FINAL = 0x80;

/** The bytes of a text frame as a server sends it, for what no library does, for example half a frame. */
export function encodeText(text: string): Buffer {
  return encode(FINAL | TEXT, Buffer.from(text));
}

/** The bytes of a text message in `count` fragments, at least one. */
export function encodeFragments(text: string, count: number): Buffer {
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / count);
  const fragments = Array.from({ length: count }, (_, index) =>
    encode(
      (index === count - 1 ? FINAL : 0) | (index === 0 ? TEXT : CONTINUATION),
      bytes.subarray(index * size, (index + 1) * size),
    ),
  );
  return Buffer.concat(fragments);
}

function encode(start: number, payload: Buffer): Buffer {
  if (payload.length < 126) return Buffer.concat([Buffer.from([start, payload.length]), payload]);
  const long = payload.length > 0xffff;
  const header = Buffer.alloc(long ? 10 : 4);
  header[0] = start;
  header[1] = long ? 127 : 126;
  if (long) header.writeUInt32BE(payload.length, 6);
  else header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}
