import { BrokenRule, tryEach } from '../broken-rule.js';
import { methodsOf, type Operation, operations } from '../documents/operations.js';
import type { Rule } from '../rule.js';
import type { Credential } from '../world/world.js';
import { expectAnswer } from './expect-answer.js';
import { fillPath, goodCall, isOfSession, unknownSessionPath } from './good-call.js';

const paths = [...new Set(operations.map(({ path }) => path))];

/** Who has access to what, and in which order a server checks it. */
export const accessRules: readonly Rule[] = [
  ...operations.filter(({ secured }) => secured).map(credentialsRule),
  ...operations.filter(isOfSession).map(unknownSessionRule),
  ...operations.map(orderRule),
  ...paths.map(methodRule),
  {
    id: 'rest/unknown-path',
    level: 'core',
    title: 'An unknown path is NotFound, if the credential is good.',
    source: 'openapi.yaml#/x-errors/NotFound',
    async run(world) {
      for (const path of ['/api/unknown', '/api/sessions/', '/api/Sessions', '/api/health/x']) {
        expectAnswer(await world.call({ path }), { status: 404, code: 'NotFound' });
        expectAnswer(await world.call({ path, as: 'none' }), { status: 401, code: 'Unauthorized' });
      }
    },
  },
  {
    id: 'rest/foreign-host',
    level: 'core',
    title:
      'A request for another host, or from a page of another origin, is Forbidden before anything else is checked.',
    source: 'PROTOCOL.md#Checks come in this order',
    async run(world) {
      const foreign = [
        ['Host', 'parley.invalid'],
        ['Origin', 'https://parley.invalid'],
        ['Origin', 'null'],
      ];
      for (const headers of foreign.map((pair) => Object.fromEntries([pair]))) {
        for (const as of ['token', 'none'] as const) {
          const answer = await world.call({ path: '/api/sessions', as, headers });
          expectAnswer(answer, { status: 403, code: 'Forbidden' });
        }
        const open = await world.call({ path: '/api/health', as: 'none', headers });
        expectAnswer(open, { status: 403, code: 'Forbidden' });
      }
    },
  },
];

function credentialsRule(operation: Operation): Rule {
  const credentials: readonly Credential[] = ['none', { bearer: 'parley_unknown' }, { bearer: '' }];
  return {
    id: 'rest/credentials',
    subject: operation.operationId,
    level: 'core',
    title: 'Without a credential, or with an unknown one, the answer is Unauthorized.',
    source: `openapi.yaml#${operation.pointer}/responses/401`,
    async run(world) {
      const good = await goodCall(world, operation);
      await tryEach(credentials, async (as) => {
        expectAnswer(await world.call({ ...good, as }), { status: 401, code: 'Unauthorized' });
      });
      const basic = await world.call({ ...good, as: 'none', headers: { Authorization: 'Basic cGFybGV5Og==' } });
      expectAnswer(basic, { status: 401, code: 'Unauthorized' });
      const inUrl = await world.call({ ...good, as: 'none', path: `${good.path}?access_token=x&token=x` });
      expectAnswer(inUrl, { status: 401, code: 'Unauthorized' });
    },
  };
}

function unknownSessionRule(operation: Operation): Rule {
  const ids = ['00000000-0000-4000-8000-000000000000', 'no-uuid', 'a'.repeat(128), '%2e%2e', '%00', '%ff'];
  return {
    id: 'rest/unknown-session',
    subject: operation.operationId,
    level: 'core',
    title: 'A session that does not exist is SessionNotFound, also if its id is malformed.',
    source: 'openapi.yaml#/components/parameters/session_id',
    async run(world) {
      await tryEach(ids, async (id) => {
        const good = await goodCall(world, operation, unknownSessionPath(id));
        expectAnswer(await world.call(good), { status: 404, code: 'SessionNotFound', to: `with the id ${id}` });
      });
    },
  };
}

/** Each request has two or more mistakes; the answer shows which one the server checks first. */
function orderRule(operation: Operation): Rule {
  const { body, secured, operationId } = operation;
  const wrong = { headers: { 'Content-Type': 'text/plain' }, body: 'no json' };
  return {
    id: 'rest/order',
    subject: operationId,
    level: 'core',
    title: 'The checks come in order: credential, session, type and size of the body, then its content.',
    source: 'PROTOCOL.md#Checks come in this order',
    async run(world) {
      const good = await goodCall(world, operation);
      const strange = isOfSession(operation) ? await goodCall(world, operation, unknownSessionPath()) : good;
      const { json: _, ...withoutBody } = strange;
      const bad = body === undefined ? {} : wrong;
      if (secured) {
        const path = `${strange.path}?unexpected=1`;
        const answer = await world.call({ ...withoutBody, ...bad, path, as: 'none' });
        expectAnswer(answer, {
          status: 401,
          code: 'Unauthorized',
          to: 'without a credential and with other mistakes',
        });
        const headers = { 'Content-Type': 'application/json', 'Content-Length': '1000' };
        const unread = { ...withoutBody, method: operation.method, headers, withholdsBody: true, as: 'none' } as const;
        const to = 'without a credential, before its body has come';
        if (body !== undefined) expectAnswer(await world.call(unread), { status: 401, code: 'Unauthorized', to });
      }
      if (isOfSession(operation)) {
        const answer = await world.call({ ...withoutBody, ...bad });
        expectAnswer(answer, {
          status: 404,
          code: 'SessionNotFound',
          to: 'for an unknown session and with other mistakes',
        });
      }
      if (body === undefined) return;
      const { json: __, ...rest } = good;
      const answer = await world.call({ ...rest, ...wrong });
      expectAnswer(answer, { status: 415, code: 'UnsupportedMediaType', to: 'of another type and without JSON' });
    },
  };
}

function methodRule(path: string): Rule {
  const allowed = methodsOf(path);
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((method) => !allowed.includes(method));
  return {
    id: 'rest/method',
    subject: path,
    level: 'core',
    title: 'A method that the path does not take is MethodNotAllowed, and `Allow` lists those that it does.',
    source: 'openapi.yaml#/x-errors/MethodNotAllowed',
    async run(world) {
      const { path: session } = await world.sharedSession();
      const target = await fillPath(world, path, session);
      await tryEach(others, async (method) => {
        const answer = await world.call({ method, path: target });
        // A server may answer OPTIONS with 204.
        if (method === 'OPTIONS' && answer.status === 204) return;
        expectAnswer(answer, { status: 405, code: 'MethodNotAllowed' });
        expectAllow(answer, allowed);
      });
      const head = await world.call({ method: 'HEAD', path: target });
      // Answered as GET is, which may lack a parameter here.
      const status = allowed.includes('GET') ? (await world.call({ path: target })).status : 405;
      if (head.status !== 405) expectAnswer(head, { status });
    },
  };
}

function expectAllow(answer: Parameters<typeof expectAnswer>[0], allowed: readonly string[]): void {
  const named = (answer.headers.get('allow') ?? '').split(',').map((method) => method.trim());
  const missing = allowed.filter((method) => !named.includes(method));
  const more = named.filter((method) => !allowed.includes(method) && method !== 'HEAD' && method !== 'OPTIONS');
  if (missing.length === 0 && more.length === 0) return;
  throw new BrokenRule({
    expected: `Allow: ${allowed.join(', ')}`,
    got: `Allow: ${named.join(', ')}`,
    exchange: answer,
  });
}
