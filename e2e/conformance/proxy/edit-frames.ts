import { Transform } from 'node:stream';

const TEXT = 1;
const CLOSE = 8;
const PONG = 10;
const MASK = Buffer.from([0x5a, 0x01, 0xff, 0x83]);

/** Changes of a stream of WebSocket frames. */
export interface FrameEdits {
  /** The messages that replace a text message in one frame. */
  readonly edit?: ((message: string) => readonly string[]) | undefined;
  /** The code that replaces a close code. */
  readonly closeCode?: ((code: number) => number) | undefined;
  readonly dropsPongs?: boolean | undefined;
  /** Whether the frames are a client's. */
  readonly masked: boolean;
}

/** A byte stream that changes some frames and passes all others unchanged. An error in an edit ends it. */
export function editFrames(edits: FrameEdits): Transform {
  let rest: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      try {
        for (let size = sizeOf(rest); size !== undefined && rest.length >= size; size = sizeOf(rest)) {
          for (const frame of editFrame(rest.subarray(0, size), edits)) this.push(frame);
          rest = rest.subarray(size);
        }
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}

function editFrame(frame: Buffer, { edit, closeCode, dropsPongs, masked }: FrameEdits): Buffer[] {
  const first = frame.readUInt8(0);
  if (edit !== undefined && first === (0x80 | TEXT)) {
    const messages = edit(payloadOf(frame).toString('utf8'));
    return messages.map((message) => writeFrame(TEXT, Buffer.from(message), masked));
  }
  if (dropsPongs === true && first === (0x80 | PONG)) return [];
  if (closeCode === undefined || first !== (0x80 | CLOSE) || payloadOf(frame).length < 2) return [frame];
  const payload = Buffer.from(payloadOf(frame));
  payload.writeUInt16BE(closeCode(payload.readUInt16BE(0)), 0);
  return [writeFrame(CLOSE, payload, masked)];
}

/** The length of the frame at the beginning of some bytes; undefined if its header is not complete. */
function sizeOf(bytes: Buffer): number | undefined {
  const header = headerOf(bytes);
  if (header === undefined || bytes.length < header) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return header + length;
}

function headerOf(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined;
  const second = bytes.readUInt8(1);
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0);
}

function payloadOf(frame: Buffer): Buffer {
  const start = headerOf(frame) ?? 0;
  const payload = frame.subarray(start);
  return frame.readUInt8(1) < 0x80 ? payload : mask(payload, frame.subarray(start - 4, start));
}

function writeFrame(opcode: number, payload: Buffer, masked: boolean): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header.writeUInt8(0x80 | opcode, 0);
  header.writeUInt8((masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127), 1);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return masked ? Buffer.concat([header, MASK, mask(payload, MASK)]) : Buffer.concat([header, payload]);
}

function mask(payload: Buffer, key: Buffer): Buffer {
  const out = Buffer.from(payload);
  for (let index = 0; index < out.length; index += 1)
    out.writeUInt8(out.readUInt8(index) ^ key.readUInt8(index % 4), index);
  return out;
}
