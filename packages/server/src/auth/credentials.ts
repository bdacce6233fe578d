import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import type { ForwardedRequest } from './forwarded.js';
import { hashToken } from './hash-token.js';
import type { HostPolicy } from './hosts.js';
import type { Logins } from './logins.js';
import { OWNER_ACCOUNT, type Principal } from './principal.js';
import type { Tokens } from './tokens.js';

/** Authenticates requests. */
export interface Credentials {
  /**
   * Who sent a request. The credential is taken from the Authorization header, else from the subprotocol
   * `parley.bearer.<token>` (for sockets in browsers, which cannot set headers), else from the login cookie. The cookie is
   * accepted only if the Origin is listed exactly or is our own.
   *
   * @throws ServiceError Unauthorized if there is no credential, or if it is unknown, expired or revoked.
   */
  authenticate(headers: IncomingHttpHeaders, forwarded: ForwardedRequest): Principal;
  /** Whose access token it is; undefined for others. The token of a login does not count: it could renew itself for ever. */
  ofToken(token: string): Principal | undefined;
  /** Whether a credential that was accepted before is still valid. */
  isGood(principal: Principal): boolean;
}

/** What credentials are checked against. */
export interface CredentialsOptions {
  /** The owner's access token. */
  readonly accessToken: string;
  readonly tokens: Tokens;
  readonly logins: Logins;
  readonly hosts: HostPolicy;
}

/** The name of the cookie that `login` sets. */
export const LOGIN_COOKIE = 'parley_login';

const SUBPROTOCOL_PREFIX = 'parley.bearer.';
const OWNER: Principal = { account: OWNER_ACCOUNT, scope: 'control', expiresAt: null };

/** Checks credentials against the owner's token, the tokens of accounts and the logins. A token in a URL is ignored. */
export function createCredentials({ accessToken, tokens, logins, hosts }: CredentialsOptions): Credentials {
  const expected = Buffer.from(hashToken(accessToken));
  const ofToken = (token: string) =>
    timingSafeEqual(Buffer.from(hashToken(token)), expected) ? OWNER : tokens.find(token);
  const cookieCounts = ({ origin }: IncomingHttpHeaders, forwarded: ForwardedRequest) =>
    origin !== undefined && hosts.isExactOrigin(origin, forwarded);

  return {
    authenticate(headers, forwarded) {
      const cookie = fromCookie(headers.cookie);
      const token =
        fromAuthorization(headers.authorization) ??
        fromSubprotocol(headers['sec-websocket-protocol']) ??
        (cookieCounts(headers, forwarded) ? cookie : undefined);
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

// A header without a bearer token gives '': a wrong credential, and not a missing one.
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
