/** Splits bytes into lines as they arrive. */
export interface LineCollector {
  push(chunk: Uint8Array): void;
  /** The bytes have ended: an unterminated last line counts as a line. */
  end(): void;
}

/** Receives the lines. Of a line that is too long, it gets only the length. */
export interface LineReceiver {
  line(text: string): void;
  skipped(bytes: number): void;
}

const NEWLINE = 0x0a;

/** Creates a collector. A line of more than `limitBytes` is skipped, and the next one is collected again. */
export function createLineCollector(limitBytes: number, receiver: LineReceiver): LineCollector {
  let partial: Uint8Array[] = [];
  let bytes = 0;
  const add = (piece: Uint8Array) => {
    bytes += piece.length;
    if (bytes > limitBytes) partial = [];
    else partial.push(Buffer.from(piece));
  };
  const end = () => {
    if (bytes > limitBytes) receiver.skipped(bytes);
    else if (bytes > 0) receiver.line(Buffer.concat(partial).toString('utf8'));
    partial = [];
    bytes = 0;
  };
  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
        add(chunk.subarray(start, at));
        end();
        start = at + 1;
      }
      add(chunk.subarray(start));
    },
    end,
  };
}
