import { ServiceError } from '@parleyhq/contract';
import { type Credentials, LOGIN_COOKIE } from '../../auth/credentials.js';
import type { FailureLimit } from '../../auth/failure-limit.js';
import type { Logins } from '../../auth/logins.js';
import type { Handlers } from '../../gen/handlers.js';
import type { Account, Anyone } from '../caller.js';

/** What the handlers of logins need. */
export interface AuthHandlersOptions {
  readonly credentials: Credentials;
  readonly logins: Logins;
  readonly failedLogins: FailureLimit;
}

type Names = 'login' | 'getLoginStatus' | 'logout';

/** The handlers that create a login for an access token, show its state, and end it. */
export function createAuthHandlers(options: AuthHandlersOptions): Pick<Handlers<Account, Anyone>, Names> {
  const { credentials, logins, failedLogins } = options;
  return {
    async login({ body, baseUrl }) {
      const principal = credentials.ofToken(body.token);
      if (!principal) {
        const retryAfter = failedLogins.fail();
        if (retryAfter === undefined)
          throw new ServiceError('Unauthorized', 'The access token is unknown, expired or revoked.');
        const message = `Too many login attempts; try again in ${retryAfter} seconds.`;
        throw new ServiceError('TooManyRequests', message, { retryAfter });
      }
      const { token, expiresAt } = await logins.open(principal);
      const { account, scope } = principal;
      const headers = body.cookie ? { 'Set-Cookie': cookie(token, expiresAt - Date.now(), baseUrl) } : {};
      const answer = { access_token: token, token_type: 'Bearer', expires_at: expiresAt, account, scope } as const;
      return { status: 200, body: answer, headers };
    },

    async getLoginStatus({ principal }) {
      const { account = null, scope = null, expiresAt = null } = principal ?? {};
      return { status: 200, body: { authenticated: principal !== undefined, account, scope, expires_at: expiresAt } };
    },

    async logout({ principal, baseUrl }) {
      if (principal.loginId !== undefined) await logins.end(principal.loginId);
      return { status: 204, headers: { 'Set-Cookie': cookie('', 0, baseUrl) } };
    },
  };
}

function cookie(value: string, lifetimeMs: number, baseUrl: string): string {
  const secure = baseUrl.startsWith('https:') ? '; Secure' : '';
  const maxAge = Math.ceil(lifetimeMs / 1_000);
  return `${LOGIN_COOKIE}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}
