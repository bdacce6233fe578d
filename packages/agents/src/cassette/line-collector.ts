/** Takes bytes as they come and gives the lines in them. */
export interface LineCollector {
  push(chunk: Uint8Array): void;
  /** The bytes have ended: an unterminated last line counts as a line. */
  end(): void;
}

/** What is done with a line; one that is too long is only measured. */
export interface LineReceiver {
  line(text: string): void;
  skipped(bytes: number): void;
}

const NEWLINE = 0x0a;

/** Creates a collector that keeps `limitBytes` of a line at most, and goes on whatever comes. */
export function createLineCollector(limitBytes: number, receiver: LineReceiver): LineCollector {
  let begun: Uint8Array[] = [];
  let bytes = 0;
  const add = (piece: Uint8Array) => {
    bytes += piece.length;
    if (bytes > limitBytes) begun = [];
    else begun.push(Buffer.from(piece));
  };
  const end = () => {
    if (bytes > limitBytes) receiver.skipped(bytes);
    else if (bytes > 0) receiver.line(Buffer.concat(begun).toString('utf8'));
    begun = [];
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
