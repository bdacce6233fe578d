import type { Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

/** Logins: created from a token, used as a credential, and ended. */
export const loginRules: readonly Rule[] = [
  {
    id: 'rest/login',
    level: 'core',
    title: 'A token is exchanged for a login, which is a credential until it is logged out.',
    source: 'openapi.yaml#/paths/~1api~1login/post',
    async run(world) {
      const answer = await login(world, { cookie: false });
      expectAnswer(answer, { status: 200 });
      expectThat(!answer.headers.has('set-cookie'), answer, { expected: 'no cookie with cookie: false', got: 'one' });
      const { access_token, account, scope, expires_at }: Record<string, unknown> = Object(answer.json);
      expectThat(Number(expires_at) > Date.now() - 3_600_000, answer, {
        expected: 'an end to come',
        got: show(expires_at),
      });
      const as = { bearer: String(access_token) };
      const status = await world.call({ path: '/api/login/status', as });
      expectFields(status, { authenticated: true, account, scope, expires_at });
      expectAnswer(await world.call({ path: '/api/sessions', as }), { status: 200, to: 'with a login' });
      expectAnswer(await world.call({ method: 'POST', path: '/api/logout', as }), { status: 204 });
      const ended = await world.call({ path: '/api/sessions', as });
      expectAnswer(ended, { status: 401, code: 'Unauthorized', to: 'with a login that was logged out' });
      const after = await world.call({ path: '/api/login/status', as });
      expectAnswer(after, { status: 200 });
      expectFields(after, { authenticated: false, account: null, scope: null, expires_at: null });
    },
  },
  {
    id: 'rest/login-cookie',
    level: 'core',
    title: 'The cookie of a login is HttpOnly and SameSite=Strict, and counts only with an Origin that is allowed.',
    source: 'openapi.yaml#/components/securitySchemes/cookie',
    async run(world) {
      const answer = await login(world, {});
      expectAnswer(answer, { status: 200 });
      const header = answer.headers.get('set-cookie') ?? '';
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
      expectThat(pair.startsWith('parley_login='), answer, { expected: 'a cookie parley_login', got: show(header) });
      for (const attribute of ['httponly', 'samesite=strict']) {
        const has = attributes.some((one) => one.toLowerCase() === attribute);
        expectThat(has, answer, { expected: `a cookie that is ${attribute}`, got: show(attributes) });
      }
      const ask = (headers: Record<string, string>) => world.call({ path: '/api/sessions', as: 'none', headers });
      const own = await ask({ Cookie: pair, Origin: world.url });
      expectAnswer(own, { status: 200, to: "with the cookie, of the server's own origin" });
      expectAnswer(await ask({ Cookie: pair }), {
        status: 401,
        code: 'Unauthorized',
        to: 'with the cookie, without an Origin',
      });
      const logout = {
        method: 'POST',
        path: '/api/logout',
        as: 'none',
        headers: { Cookie: pair, Origin: world.url },
      } as const;
      const ended = await world.call(logout);
      expectAnswer(ended, { status: 204 });
      expectThat(ended.headers.get('set-cookie')?.startsWith('parley_login=') ?? false, ended, {
        expected: 'the cookie to be removed',
        got: show(ended.headers.get('set-cookie')),
      });
      expectAnswer(await ask({ Cookie: pair, Origin: world.url }), {
        status: 401,
        to: 'with the cookie of an ended login',
      });
    },
  },
  {
    id: 'rest/login-unknown',
    level: 'core',
    title: 'An unknown token is Unauthorized.',
    source: 'openapi.yaml#/paths/~1api~1login/post/responses/401',
    async run(world) {
      const answer = await world.call({
        method: 'POST',
        path: '/api/login',
        as: 'none',
        json: { token: 'parley_unknown' },
      });
      expectAnswer(answer, { status: 401, code: 'Unauthorized' });
    },
  },
  {
    id: 'rest/login-status',
    level: 'core',
    title: 'The status of a login is never 401: the answer to an unknown credential is the same as without one.',
    source: 'openapi.yaml#/paths/~1api~1login~1status/get',
    async run(world) {
      for (const as of ['none', { bearer: 'parley_unknown' }] as const) {
        const status = await world.call({ path: '/api/login/status', as });
        expectAnswer(status, { status: 200 });
        expectFields(status, { authenticated: false, account: null, scope: null, expires_at: null });
      }
      const known = await world.call({ path: '/api/login/status' });
      expectFields(known, { authenticated: true, scope: 'control' });
      const account = field(known.json, 'account');
      expectThat(typeof account === 'string', known, { expected: 'an account', got: show(account) });
    },
  },
  {
    id: 'rest/logout-token',
    level: 'core',
    title: 'An access token does not end by logging out.',
    source: 'openapi.yaml#/paths/~1api~1logout/post/responses/204',
    async run(world) {
      expectAnswer(await world.call({ method: 'POST', path: '/api/logout' }), { status: 204 });
      expectAnswer(await world.call({ path: '/api/sessions' }), {
        status: 200,
        to: 'with the token after it logged out',
      });
    },
  },
];

function login(world: World, settings: object) {
  return world.call({ method: 'POST', path: '/api/login', as: 'none', json: { token: world.token, ...settings } });
}
