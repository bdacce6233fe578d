/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  /** By their names in lower case; of repeated ones, the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What was read from the beginning of some bytes. */
export interface ParsedAnswer {
  readonly answer: Answer;
  readonly rest: Buffer;
}

/**
 * Reads one answer; undefined if more bytes are needed. Answers from 100 to 199 are skipped, except 101.
 *
 * @param method Of the request: an answer to HEAD has no body.
 * @param ended Whether no more bytes come. To a client of HTTP/1.0 that is the end of a body.
 * @throws Error if the bytes are not an HTTP/1.1 answer.
 */
export function parseAnswer(bytes: Buffer, method: string, ended: boolean): ParsedAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) {
    if (bytes.length > 65_536 || !'HTTP/1.1 '.startsWith(bytes.subarray(0, 9).toString('latin1'))) throw noHttp(bytes);
    return undefined;
  }
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw noHttp(bytes);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`a header that is none: ${JSON.stringify(line)}`);
    headers.set(name.toLowerCase(), value);
  }
  const after = bytes.subarray(end + 4);
  if (status === 101) return { answer: { status, headers, body: Buffer.alloc(0) }, rest: after };
  if (status < 200) return parseAnswer(after, method, ended);
  if (headers.has('transfer-encoding')) throw new Error('an answer in chunks, where its length is known');
  const untilEnd = !headers.has('content-length') && headers.get('connection') === 'close';
  if (untilEnd && !ended) return undefined;
  const told = untilEnd ? after.length : Number(headers.get('content-length'));
  const length = method === 'HEAD' || status === 204 ? 0 : told;
  if (!Number.isInteger(length)) throw new Error(`an answer ${status} without a length`);
  if (after.length < length) return undefined;
  return { answer: { status, headers, body: after.subarray(0, length) }, rest: after.subarray(length) };
}

function noHttp(bytes: Buffer): Error {
  return new Error(`no HTTP answer: ${JSON.stringify(bytes.subarray(0, 200).toString('latin1'))}`);
}
