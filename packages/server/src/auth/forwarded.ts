import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** The protocol, host and client address of a request as its client sent it, before proxies forwarded it. */
export interface ForwardedRequest {
  readonly protocol: 'http' | 'https';
  /** The host that the client named. */
  readonly host: string | undefined;
  /** The client's address. */
  readonly ip: string;
}

/** The trusted proxies: how many there are in a row, or their addresses (`10.0.0.0/8`, `loopback`). */
export type TrustProxy = number | readonly string[];

/** Reads protocol, host and client address of a request. */
export type ForwardedReader = (request: IncomingMessage) => ForwardedRequest;

/**
 * Creates a reader. `X-Forwarded-For`, `-Proto` and `-Host` are used only if a trusted proxy sent them, since anybody can write
 * these headers. If a header has several values, the one of the outermost trusted proxy is used.
 *
 * @param trustProxy @default no proxy is trusted
 * @throws TypeError for an invalid address.
 */
export function createForwardedReader(trustProxy: TrustProxy = []): ForwardedReader {
  const trusts =
    typeof trustProxy === 'number'
      ? (_address: string, hop: number) => hop < trustProxy
      : proxyAddr.compile([...trustProxy]);

  return (request) => {
    const { socket, headers } = request;
    const nearest = socket.remoteAddress ?? '';
    const protocol = 'encrypted' in socket ? 'https' : 'http';
    const direct: ForwardedRequest = { protocol, host: headers.host, ip: plainAddress(nearest) };
    if (!trusts(nearest, 0)) return direct;
    const chain = proxyAddr.all(request, trusts);
    const hops = Math.max(1, chain.length - 1);
    const forwarded = (name: string) => headerValue(headers[`x-forwarded-${name}`], hops);
    return {
      protocol: protocolOf(forwarded('proto')) ?? protocol,
      host: forwarded('host') ?? headers.host,
      ip: plainAddress(chain.findLast((address) => isIP(address) > 0) ?? nearest),
    };
  };
}

/** The web origin of a request's own host; undefined if the host is missing or invalid. */
export function originOf({ protocol, host }: ForwardedRequest): string | undefined {
  const url = `${protocol}://${host}`;
  return host !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

// Each proxy appends its value, or replaces the header.
function headerValue(header: string | string[] | undefined, hops: number): string | undefined {
  const values = String(header ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return values[Math.max(0, values.length - hops)];
}

function protocolOf(name: string | undefined): ForwardedRequest['protocol'] | undefined {
  if (name === undefined || !/^(https?|wss?)$/i.test(name)) return undefined;
  return /s$/i.test(name) ? 'https' : 'http';
}

/** The plain form of an IPv4 address that is written as an IPv6 address (`::ffff:…`). */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
