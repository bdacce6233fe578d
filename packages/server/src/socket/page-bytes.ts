import type { Page } from '../stream/page.js';

const shared = new WeakMap<Page, Buffer>();

/**
 * The bytes of a page on a WebSocket: each frame is one text message of a server (final, not masked, RFC 6455 section 5.2).
 * They are made once for each page: all readers share one buffer, and each reader needs one write.
 */
export function pageBytes(page: Page): Buffer {
  const known = shared.get(page);
  if (known) return known;
  const lengths = page.map((event) => Buffer.byteLength(event.frame));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerLength(length) + length, 0));
  let offset = 0;
  page.forEach((event, index) => {
    offset = writeHeader(bytes, offset, lengths[index] ?? 0);
    offset += bytes.write(event.frame, offset);
  });
  shared.set(page, bytes);
  return bytes;
}

function headerLength(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(bytes: Buffer, offset: number, length: number): number {
  const next = bytes.writeUInt8(0x81, offset);
  if (length < 126) return bytes.writeUInt8(length, next);
  if (length < 65_536) return bytes.writeUInt16BE(length, bytes.writeUInt8(126, next));
  return bytes.writeBigUInt64BE(BigInt(length), bytes.writeUInt8(127, next));
}
