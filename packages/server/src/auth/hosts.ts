import { isIP } from 'node:net';
import { type ForwardedRequest, originOf } from './forwarded.js';

/** Which host names this server answers to, and which pages may talk to it. */
export interface HostPolicy {
  /** Whether the host of a request is a name of this server. It is not if a page has rebound its own name to our address. */
  allowsHost(forwarded: ForwardedRequest): boolean;
  /** Whether an Origin is allowed. Pages of the request's own host and protocol always are. */
  allowsOrigin(origin: string, forwarded: ForwardedRequest): boolean;
  /** Whether an origin is listed by name or is our own, and not just matched by `*`. Cookies are accepted only then. */
  isExactOrigin(origin: string, forwarded: ForwardedRequest): boolean;
}

/** The operator's lists. */
export interface HostPolicyOptions {
  /** The address that the server binds. If it binds all addresses, every IP address is accepted as a host. */
  readonly bindHost: string;
  readonly publicUrl?: URL | undefined;
  /** `name` for every port, `name:port` for one, `*` for all hosts. */
  readonly allowHosts: readonly string[];
  /** `scheme://host[:port]`, exactly as browsers write it, or `*` for all (bearer tokens only). */
  readonly allowOrigins: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARD = ['0.0.0.0', '::', ''];
const MAX_PORT = 65_535;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;

/** Guards against DNS rebinding (Host) and against pages of other sites (Origin). */
export function createHostPolicy(options: HostPolicyOptions): HostPolicy {
  const { bindHost, publicUrl, allowHosts, allowOrigins } = options;
  const bindsAll = WILDCARD.includes(bindHost);
  const hosts = new Set([...LOOPBACK, bracket(bindHost), ...allowHosts].map((host) => host.toLowerCase()));
  if (publicUrl) hosts.add(publicUrl.host);
  const origins = new Set(allowOrigins);
  if (publicUrl) origins.add(publicUrl.origin);

  const isExactOrigin = (origin: string, forwarded: ForwardedRequest) =>
    origins.has(origin) || origin === originOf(forwarded);

  return {
    allowsHost({ host, protocol }) {
      const [, name, port] = HOST.exec(host ?? '') ?? [];
      // The URLs of sessions contain the host as it was sent: with an impossible port they would be invalid.
      if (name === undefined || Number(port ?? 0) > MAX_PORT) return false;
      const lower = name.toLowerCase();
      if (hosts.has('*') || hosts.has(lower) || hosts.has(`${lower}:${port ?? (protocol === 'https' ? 443 : 80)}`))
        return true;
      // An address needs no name to resolve, so there is nothing to rebind.
      return bindsAll && isIP(lower.replace(/^\[(.*)\]$/, '$1')) > 0;
    },
    allowsOrigin: (origin, forwarded) => origins.has('*') || isExactOrigin(origin, forwarded),
    isExactOrigin,
  };
}

function bracket(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
