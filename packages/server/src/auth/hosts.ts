import { isIP } from 'node:net';
import { type Outside, originOf } from './outside.js';

/** Which hosts this server answers to, and which pages may talk to it. */
export interface HostPolicy {
  /** Whether a request's host names this server: a page that rebinds its own name to our address does not. */
  allowsHost(outside: Outside): boolean;
  /** Whether an Origin header may pass; pages of the request's own host and protocol may. */
  allowsOrigin(origin: string, outside: Outside): boolean;
  /** Whether the origin is one of the list or our own, not merely let in by `*`: only then a cookie counts. */
  isExactOrigin(origin: string, outside: Outside): boolean;
}

/** The operator's lists. */
export interface HostPolicyOptions {
  /** The address that the server binds; an IP address on any is accepted if it binds them all. */
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

  const isExactOrigin = (origin: string, outside: Outside) => origins.has(origin) || origin === originOf(outside);

  return {
    allowsHost({ host, protocol }) {
      const [, name, port] = HOST.exec(host ?? '') ?? [];
      // The URLs of sessions name the host as it came: one with a port that cannot be would make them none.
      if (name === undefined || Number(port ?? 0) > MAX_PORT) return false;
      const lower = name.toLowerCase();
      if (hosts.has('*') || hosts.has(lower) || hosts.has(`${lower}:${port ?? (protocol === 'https' ? 443 : 80)}`))
        return true;
      // An address needs no name to resolve, so there is nothing to rebind.
      return bindsAll && isIP(lower.replace(/^\[(.*)\]$/, '$1')) > 0;
    },
    allowsOrigin: (origin, outside) => origins.has('*') || isExactOrigin(origin, outside),
    isExactOrigin,
  };
}

function bracket(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
