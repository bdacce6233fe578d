/** A line is longer than the limit. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
  constructor(limitBytes: number) {
    super(`the agent sent a line longer than ${limitBytes} bytes`);
  }
}

const NEWLINE = 0x0a;

/**
 * Splits bytes into lines and yields the lines of one chunk together. It reads a chunk only when it is asked for one, so
 * a slow consumer pauses the writer. An unterminated last line counts as a line. Throws `LineTooLongError`.
 */
export async function* splitLines(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<string[]> {
  let partial: Uint8Array[] = []; // the pieces of the line that has not ended yet
  let partialBytes = 0;
  for await (const chunk of source) {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (partialBytes + end - start > limitBytes) throw new LineTooLongError(limitBytes);
      lines.push(decode([...partial, chunk.subarray(start, end)]));
      partial = [];
      partialBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      partial.push(chunk.subarray(start));
      partialBytes += chunk.length - start;
      if (partialBytes > limitBytes) throw new LineTooLongError(limitBytes);
    }
    if (lines.length > 0) yield lines;
  }
  if (partialBytes > 0) yield [decode(partial)];
}

function decode(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8');
}
