import type { Random } from '../../shared/random.js';
import { type Header, type HttpRequest, withHeader } from '../wire/request.js';

const LONG = 'h'.repeat(4_000);

/** Headers with values that a careless or hostile client sends. Each is still valid HTTP. */
const VALUES: readonly [Header, ...Header[]] = [
  ['Content-Type', 'text/plain'],
  ['Content-Type', ''],
  ['Content-Type', 'application/json; charset=latin1'],
  ['Content-Type', 'application/json;charset="utf-8"'],
  ['Content-Type', 'application/json; boundary=x; charset=utf-8; charset=utf-16'],
  ['Content-Type', 'application/JSON;;;'],
  ['Content-Type', 'multipart/form-data; boundary=----x'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Type', `application/json; p=${LONG}`],
  ['Content-Type', '\xff\xfe'],
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', LONG],
  ['Content-Encoding', 'identity'],
  ['Accept', 'application/xml'],
  ['Accept', '*/*;q=0'],
  ['Accept', LONG],
  ['Accept-Encoding', 'br;q=1.0, *;q=0'],
  ['Accept-Charset', 'utf-7'],
  ['Range', 'bytes=0-1,5-'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', 'Fri, 01 Jan 2100 00:00:00 GMT'],
  ['If-Match', '"x"'],
  ['Expect', '100-continue'],
  ['Expect', '100-CONTINUE'],
  ['Expect', 'the impossible'],
  ['Expect', ''],
  ['Host', ''],
  ['Host', 'evil.example'],
  ['Host', '127.0.0.1:99999'],
  ['Host', '127.0.0.1:00000'],
  ['Host', 'localhost:80@evil.example'],
  ['Host', '[::1]:1'],
  ['Host', '[::1'],
  ['Host', LONG],
  ['Host', 'LOCALHOST'],
  ['Host', '127.0.0.1, evil.example'],
  ['Origin', 'null'],
  ['Origin', 'https://evil.example'],
  ['Origin', 'http://127.0.0.1'],
  ['Origin', LONG],
  ['Origin', ''],
  ['Authorization', ''],
  ['Authorization', 'Bearer'],
  ['Authorization', 'Bearer wrong'],
  ['Authorization', 'Basic dXNlcjpwYXNz'],
  ['Authorization', `Bearer ${LONG}`],
  ['Authorization', 'Bearer \xe9\xff'],
  ['Authorization', 'bearer  a b'],
  ['Cookie', 'parley_login=x'],
  ['Cookie', 'parley_login=; parley_login==; ;;=;'],
  ['Cookie', LONG],
  ['Idempotency-Key', ''],
  ['Idempotency-Key', 'a b'],
  ['Idempotency-Key', 'k'.repeat(128)],
  ['Idempotency-Key', 'k'.repeat(129)],
  ['Idempotency-Key', '\xe9'],
  ['Idempotency-Key', '__proto__'],
  ['Idempotency-Key', 'constructor'],
  ['Connection', 'close'],
  ['Connection', 'keep-alive, close, x'],
  ['Connection', 'Host'],
  ['Upgrade', 'h2c'],
  ['Upgrade', 'TLS/1.0'],
  ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
  ['Trailer', 'X-Late'],
  ['TE', 'trailers, deflate;q=0.5'],
  ['Via', '1.1 x'],
  ['X-Forwarded-For', '127.0.0.1, ::1'],
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Proto', 'https'],
  ['Forwarded', 'for=1;host=evil;proto=x'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Request-Id', 'mine'],
  ['Sec-WebSocket-Protocol', 'parley.bearer.wrong, parley.v1'],
  ['Access-Control-Request-Method', 'DELETE'],
  ['Access-Control-Request-Private-Network', 'true'],
  ['Content-MD5', 'x'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['X-\u007e', 'tilde'],
];

const NAMES = [
  'Accept',
  'Authorization',
  'Cookie',
  'Idempotency-Key',
  'If-None-Match',
  'Origin',
  'X-Request-Id',
] as const;

/** Changes, repeats or removes a header, adds many, or adds one that is very long. The length of the body stays true. */
export function mutateHeaders(random: Random, request: HttpRequest): HttpRequest {
  const [name, value] = random.pick(VALUES);
  const lost = random.integer(0, 3);
  const upper = random.chance(0.5);
  return random.pick<() => HttpRequest>([
    () => setHeader(request, name, value),
    () => setHeader(request, name, value),
    () => setHeader(request, name, value),
    // Always different, so that anything that the server keeps for each of them grows without bound.
    () => setHeader(request, 'Content-Type', `application/json; p=${random.integer(0, 2 ** 31)}`),
    () => setHeader(request, random.pick(NAMES), String(random.next())),
    () => ({ ...request, headers: [...request.headers, [name, value]] }),
    () => ({ ...request, headers: [[name, value], ...request.headers] }),
    () => ({ ...request, headers: request.headers.filter((_, at) => at !== lost) }),
    () => ({
      ...request,
      headers: request.headers.map(([key, of]) => [upper ? key.toUpperCase() : key.toLowerCase(), of]),
    }),
    () => ({ ...request, headers: [...request.headers, ...many(random.pick([50, 90, 400]))] }),
  ])();
}

function setHeader(request: HttpRequest, name: string, value: string): HttpRequest {
  const changed = withHeader(request, name, value);
  // `Upgrade` only counts if `Connection` names it.
  return name === 'Upgrade' ? withHeader(changed, 'Connection', 'Upgrade, HTTP2-Settings') : changed;
}

function many(count: number): Header[] {
  return Array.from({ length: count }, (_, at) => [`X-Many-${at}`, String(at)]);
}
