import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import { hashToken } from './hash-token.js';
import type { HostPolicy } from './hosts.js';
import type { Logins } from './logins.js';
import type { Outside } from './outside.js';
import type { Principal } from './principal.js';
import type { Tokens } from './tokens.js';

/** Tells whose request it is. */
export interface Credentials {
  /**
   * Who sent a request: by its Authorization header, else by the subprotocol `parley.bearer.<token>` (sockets of
   * browsers, which can set no header), else by the login cookie, which counts only with an exact, allowed Origin.
   *
   * @throws ServiceError Unauthorized if there is no credential, or one that is unknown, expired or revoked.
   */
  authenticate(headers: IncomingHttpHeaders, outside: Outside): Principal;
  /** Whose token it is, the owner's or a made one; a login's is none, or logins could renew themselves for ever. */
  ofToken(token: string): Principal | undefined;
  /** Whether a credential that was good still is, however long ago that was. */
  isGood(principal: Principal): boolean;
}

/** What credentials are checked against. */
export interface CredentialsOptions {
  /** The owner's. */
  readonly accessToken: string;
  readonly tokens: Tokens;
  readonly logins: Logins;
  readonly hosts: HostPolicy;
}

/** The name of the cookie that `login` sets. */
export const LOGIN_COOKIE = 'parley_login';

const SUBPROTOCOL_PREFIX = 'parley.bearer.';
const OWNER: Principal = { account: 'owner', scope: 'control', expiresAt: null };

/** Checks credentials against the access token, the made tokens and the logins. A token in a URL is never looked at. */
export function createCredentials({ accessToken, tokens, logins, hosts }: CredentialsOptions): Credentials {
  const expected = Buffer.from(hashToken(accessToken));
  const ofToken = (token: string) =>
    timingSafeEqual(Buffer.from(hashToken(token)), expected) ? OWNER : tokens.find(token);
  const cookieCounts = ({ origin }: IncomingHttpHeaders, outside: Outside) =>
    origin !== undefined && hosts.isExactOrigin(origin, outside);

  return {
    authenticate(headers, outside) {
      const cookie = fromCookie(headers.cookie);
      const token =
        fromAuthorization(headers.authorization) ??
        fromSubprotocol(headers['sec-websocket-protocol']) ??
        (cookieCounts(headers, outside) ? cookie : undefined);
      if (token === undefined && cookie !== undefined) {
        throw new ServiceError('Unauthorized', 'The login cookie counts only with an Origin that is allowed.');
      }
      if (token === undefined) {
        throw new ServiceError('Unauthorized', 'No credential: send Authorization: Bearer <token>.');
      }
      const principal = ofToken(token) ?? logins.find(token);
      if (!principal) throw new ServiceError('Unauthorized', 'The credential is unknown, expired or revoked.');
      return principal;
    },
    ofToken,
    isGood: ({ expiresAt, tokenId, loginId }) =>
      (expiresAt === null || expiresAt > Date.now()) &&
      (tokenId === undefined || tokens.isGood(tokenId)) &&
      (loginId === undefined || logins.isOpen(loginId)),
  };
}

// A header that is there and holds no bearer token is a wrong credential, not a missing one.
function fromAuthorization(header: string | undefined): string | undefined {
  return header === undefined ? undefined : (/^bearer +(\S+) *$/i.exec(header)?.[1] ?? '');
}

function fromSubprotocol(header: string | undefined): string | undefined {
  const offered = header?.split(',').map((name) => name.trim());
  return offered?.find((name) => name.startsWith(SUBPROTOCOL_PREFIX))?.slice(SUBPROTOCOL_PREFIX.length);
}

function fromCookie(header: string | undefined): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.split('=', 2);
    if (name?.trim() === LOGIN_COOKIE && value) return value.trim();
  }
  return undefined;
}
