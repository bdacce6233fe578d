/** A header line. */
export type Header = readonly [name: string, value: string];

/** A request before it is bytes. Texts are latin1: a byte for each character. */
export interface HttpRequest {
  readonly method: string;
  /** The path with its query, as it goes into the first line. */
  readonly target: string;
  readonly version?: string;
  readonly headers: readonly Header[];
  readonly body?: Buffer | undefined;
  /** How the end of the body is marked. @default 'length' */
  readonly framing?: 'length' | 'chunks';
}

/** The bytes of a request. */
export function writeRequest(request: HttpRequest): Buffer {
  const { method, target, version = 'HTTP/1.1', headers, body, framing = 'length' } = request;
  const lines = [`${method} ${target} ${version}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body === undefined) return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  lines.push(framing === 'length' ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, framing === 'length' ? body : inChunks(body)]);
}

/** The value of a header, by its name in lower case; the first of repeated ones. */
export function headerOf({ headers }: HttpRequest, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** A request whose header of this name has another value, or is gone. */
export function withHeader(request: HttpRequest, name: string, value: string | undefined): HttpRequest {
  const others = request.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: value === undefined ? others : [...others, [name, value]] };
}

function inChunks(body: Buffer): Buffer {
  const middle = body.length >> 1;
  const chunks = [body.subarray(0, middle), body.subarray(middle)].filter((chunk) => chunk.length > 0);
  const parts = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
