import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** How a request looks from outside: as its client sent it, before proxies passed it on. */
export interface Outside {
  readonly protocol: 'http' | 'https';
  /** The host that the client named. */
  readonly host: string | undefined;
  /** The client's address. */
  readonly ip: string;
}

/** Which proxies to believe: how many there are in a row, or their addresses (`10.0.0.0/8`, `loopback`). */
export type TrustProxy = number | readonly string[];

/** Tells how a request looks from outside. */
export type ViewFromOutside = (request: IncomingMessage) => Outside;

/**
 * Looks at `X-Forwarded-For`, `-Proto` and `-Host` only where a trusted proxy sent them: anybody can write these headers.
 * Of a header with several values the one counts that the outermost trusted proxy wrote.
 *
 * @param trustProxy @default nobody
 * @throws TypeError for an address that is none.
 */
export function createViewFromOutside(trustProxy: TrustProxy = []): ViewFromOutside {
  const trusts =
    typeof trustProxy === 'number'
      ? (_address: string, hop: number) => hop < trustProxy
      : proxyAddr.compile([...trustProxy]);

  return (request) => {
    const { socket, headers } = request;
    const nearest = socket.remoteAddress ?? '';
    const protocol = 'encrypted' in socket ? 'https' : 'http';
    const direct: Outside = { protocol, host: headers.host, ip: plain(nearest) };
    if (!trusts(nearest, 0)) return direct;
    const chain = proxyAddr.all(request, trusts);
    const hops = Math.max(1, chain.length - 1);
    const forwarded = (name: string) => headerValue(headers[`x-forwarded-${name}`], hops);
    return {
      protocol: protocolOf(forwarded('proto')) ?? protocol,
      host: forwarded('host') ?? headers.host,
      ip: plain(chain.findLast((address) => isIP(address) > 0) ?? nearest),
    };
  };
}

/** The origin of pages that this request's host serves; undefined where the host is none. */
export function originOf({ protocol, host }: Outside): string | undefined {
  const url = `${protocol}://${host}`;
  return host !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

// Each proxy adds its value at the end, or replaces what there was.
function headerValue(header: string | string[] | undefined, hops: number): string | undefined {
  const values = String(header ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return values[Math.max(0, values.length - hops)];
}

function protocolOf(name: string | undefined): Outside['protocol'] | undefined {
  if (name === undefined || !/^(https?|wss?)$/i.test(name)) return undefined;
  return /s$/i.test(name) ? 'https' : 'http';
}

/** An IPv4 address as people write it, also where IPv6 carries it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
