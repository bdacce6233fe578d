import type { Random } from '../../shared/random.js';
import { type HttpRequest, writeRequest } from '../wire/request.js';
import { flip } from './text.js';

const CLIENT_HELLO = Buffer.from('16030100510100004d0303', 'hex');
const HTTP2 = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

/** The bytes of a request in a form that HTTP forbids: contradicting lines, lengths, chunks and headers. */
export function breakFraming(random: Random, request: HttpRequest): Buffer {
  const bytes = writeRequest(request);
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end).split('\r\n');
  const body = text.slice(end + 4);
  const join = (head: readonly string[], rest = body) => Buffer.from(`${head.join('\r\n')}\r\n\r\n${rest}`, 'latin1');
  const withLines = (...added: string[]) => join([...lines, ...added]);
  const first = (line: string) => join([line, ...lines.slice(1)]);
  const { method, target } = request;
  const chunked = (rest: string) =>
    join([...lines.filter((line) => !/^content-length/i.test(line)), 'Transfer-Encoding: chunked'], rest);
  return random.pick<() => Buffer>([
    () => bytes.subarray(0, random.integer(1, bytes.length - 1)),
    () => flip(random, bytes),
    () => flip(random, flip(random, flip(random, bytes))),
    () => Buffer.concat([bytes, bytes]),
    () => Buffer.concat([bytes, Buffer.from('GARBAGE\r\n\r\n')]),
    () => Buffer.concat([Buffer.from('\r\n\r\n\r\n'), bytes]),
    () => Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1'),
    () => Buffer.from(text.replaceAll('\r\n', '\r'), 'latin1'),
    () => first(`${method} ${target}`),
    () => first(`${method} ${target} HTTP/0.9`),
    () => first(`${method} ${target} HTTP/2.0`),
    () => first(`${method} ${target} HTTP/1.0`),
    () => first(`${method} ${target} HTTP/1.1 x`),
    () => first(`${method}  ${target}\tHTTP/1.1`),
    () => first(`${method} ${target.replaceAll('/', '\\')} HTTP/1.1`),
    () => first(`${method} ${target}\0 HTTP/1.1`),
    () => first(`${method.toLowerCase()} ${target} HTTP/1.1`),
    () => first(`${random.pick(['CONNECT', 'BREW', 'G\0T', 'A'.repeat(10_000), ''])} ${target} HTTP/1.1`),
    () => first(`CONNECT 127.0.0.1:80 HTTP/1.1`),
    () => first(`${method} ${target}${'a'.repeat(20_000)} HTTP/1.1`),
    () => withLines('Content-Length: 5', 'Content-Length: 6'),
    () => withLines('Content-Length: -1'),
    () => withLines('Content-Length: 18446744073709551616'),
    () => withLines('Content-Length: 0x10'),
    () => withLines('Content-Length: 5', 'Transfer-Encoding: chunked'),
    () => withLines('Transfer-Encoding: chunked, gzip'),
    () => withLines('Transfer-Encoding: gzip'),
    () => withLines('Transfer-Encoding : chunked'),
    () => withLines('Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
    () => withLines(' folded: value'),
    () => withLines('Bad Name: x'),
    () => withLines(': nameless'),
    () => withLines('NoColon'),
    () => withLines('X-Null: a\0b'),
    () => withLines('X-Return: a\rb'),
    () => withLines(`X-Long: ${'z'.repeat(random.pick([15_000, 17_000, 70_000]))}`),
    () => withLines(...Array.from({ length: 3_000 }, (_, at) => `X-${at}: ${at}`)),
    () => join(lines.filter((line) => !/^host/i.test(line))),
    () => withLines('Host: evil.example'),
    () => withLines('Upgrade: websocket', 'Connection: Upgrade'),
    () => withLines('Upgrade: h2c', 'Connection: Upgrade'),
    () => withLines('Expect: 100-continue', 'Expect: nothing'),
    () => chunked('5\r\n{"cwd\r\n0\r\n\r\n'),
    () => chunked('zz\r\nxx\r\n0\r\n\r\n'),
    () => chunked('-1\r\n\r\n'),
    () => chunked('ffffffffffffffff\r\nx'),
    () => chunked('5;ext="a\0b"\r\nabcde\r\n0\r\n\r\n'),
    () => chunked(`5;${'e'.repeat(20_000)}\r\nabcde\r\n0\r\n\r\n`),
    () => chunked('5\r\nabcdeXX0\r\n\r\n'),
    () => chunked(`0\r\nX-Trailer: ${'t'.repeat(20_000)}\r\n\r\n`),
    () => chunked('2\n{}\n0\n\n'),
    () => CLIENT_HELLO,
    () => HTTP2,
    () => Buffer.from('GET /\r\n'),
    () => Buffer.from('\0'.repeat(random.pick([1, 100, 20_000])), 'latin1'),
    () => Buffer.from(Array.from({ length: 200 }, () => random.integer(0, 255))),
  ])();
}
