import { isIP } from 'node:net';

/** Which hosts this server answers to, and which pages may talk to it. */
export interface HostPolicy {
  /** Whether a Host header names this server: a page that rebinds its own name to our address does not. */
  allowsHost(host: string | undefined): boolean;
  /** Whether an Origin header may pass; `host` is the request's own, for pages of the same origin. */
  allowsOrigin(origin: string, host: string | undefined): boolean;
  /** Whether the origin is one of the list or our own, not merely let in by `*`: only then a cookie counts. */
  isExactOrigin(origin: string, host: string | undefined): boolean;
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

  const isExactOrigin = (origin: string, host: string | undefined) =>
    origins.has(origin) || (host !== undefined && origin === `http://${host.toLowerCase()}`);

  return {
    allowsHost(host) {
      const [, name, port] = HOST.exec(host ?? '') ?? [];
      // The URLs of sessions name the host as it came: one with a port that cannot be would make them none.
      if (name === undefined || Number(port ?? 0) > MAX_PORT) return false;
      const lower = name.toLowerCase();
      if (hosts.has('*') || hosts.has(lower) || hosts.has(`${lower}:${port ?? 80}`)) return true;
      // An address needs no name to resolve, so there is nothing to rebind.
      return bindsAll && isIP(lower.replace(/^\[(.*)\]$/, '$1')) > 0;
    },
    allowsOrigin: (origin, host) => origins.has('*') || isExactOrigin(origin, host),
    isExactOrigin,
  };
}

function bracket(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
