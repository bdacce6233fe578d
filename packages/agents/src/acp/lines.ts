/** A line grew past the limit before it ended. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
  constructor(limitBytes: number) {
    super(`the agent sent a line longer than ${limitBytes} bytes`);
  }
}

const NEWLINE = 0x0a;

/**
 * Splits bytes into lines, giving those of one chunk together. Reads a chunk only when asked for it, so that whoever
 * stops asking pauses the writer. An unterminated last line counts as a line. Throws `LineTooLongError`.
 */
export async function* splitLines(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<string[]> {
  let begun: Uint8Array[] = []; // the pieces of a line that has not ended
  let begunBytes = 0;
  for await (const chunk of source) {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (begunBytes + end - start > limitBytes) throw new LineTooLongError(limitBytes);
      lines.push(decode([...begun, chunk.subarray(start, end)]));
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      begun.push(chunk.subarray(start));
      begunBytes += chunk.length - start;
      if (begunBytes > limitBytes) throw new LineTooLongError(limitBytes);
    }
    if (lines.length > 0) yield lines;
  }
  if (begunBytes > 0) yield [decode(begun)];
}

function decode(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8');
}
