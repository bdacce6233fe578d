import { headerOf, withHeader } from '../proxy/change.js';
import { operations } from './documents.js';
import { isObject, type Json, type JsonObject } from './edit-json.js';
import { type Mutant, mutant } from './mutant.js';
import {
  answering,
  answeringWith,
  askingWith,
  type Create,
  errorData,
  hit,
  insteadOf,
  isFor,
  json,
  without,
} from './wrongly.js';

const SESSION_OPERATIONS = operations.filter(({ path }) => path.includes('{session_id}')).map(({ id }) => id);

/** Servers that break what the documents say in words, not schemas: access, logins, checks, the server itself. */
export const accessMutants: readonly Mutant[] = [
  mutant(
    9,
    'drop',
    'an operation of the document that is kept',
    'rest/documents (getOpenapi)',
    answeringWith(['getOpenapi'], (answer) => ({
      ...answer,
      text: answer.text.replace('operationId: revertPatch', 'operationId: revert'),
    })),
  ),
  mutant(
    9,
    'rename',
    'the channel of the document that is kept',
    'rest/documents (getAsyncapi)',
    answeringWith(['getAsyncapi'], (answer) => ({
      ...answer,
      text: answer.text.replace('address: /api', 'address: /v2'),
    })),
  ),
  mutant(
    9,
    'duplicate',
    'the default agent',
    'rest/agents',
    answering('listAgents', (body) => Array.isArray(body.agents) && body.agents.push(...body.agents.slice(0, 1))),
  ),
  mutant(
    9,
    'drop',
    'a workspace that an agent takes',
    'rest/agent-workspaces',
    answering('listAgents', (body) =>
      each(body.agents, (agent) => {
        agent.workspaces = ['direct'];
      }),
    ),
  ),
  mutant(
    9,
    'drop',
    'the login methods of an agent',
    'rest/agent-login',
    answering('listAgents', (body) =>
      each(body.agents, (agent) => {
        delete agent.login_methods;
      }),
    ),
  ),
  mutant(
    9,
    'skip a check',
    'who logs an agent in',
    'rest/agent-login-owner',
    answeringWith(['authenticateAgent'], (answer) =>
      answer.status === 403 ? json(422, errorData('UnsupportedByAgent')) : undefined,
    ),
  ),
  {
    ...mutant(9, 'off by one', 'the sessions that health counts', 'rest/session-count', (hits) => {
      let asked = 0;
      return answering('getHealth', (body) => {
        asked += 1;
        body.session_count = Number(body.session_count) + asked;
      })(hits);
    }),
    alone: true,
  },
  mutant(
    9,
    'leak',
    'the version, to anybody',
    'rest/health',
    answering('getHealth', (body) => {
      body.version = '0.1.0';
    }),
  ),
  mutant(
    9,
    'skip a check',
    'a login that was logged out',
    'rest/login',
    insteadOf(['logout'], () => ({ status: 204, headers: json(200, {}).headers.slice(1), text: '' })),
  ),
  mutant(
    9,
    'leak',
    'the cookie, to scripts',
    'rest/login-cookie',
    answeringWith(['login'], (answer) => {
      const cookie = headerOf(answer.headers, 'set-cookie');
      return cookie === undefined
        ? undefined
        : { ...answer, headers: withHeader(answer.headers, 'Set-Cookie', cookie.replace(/; *HttpOnly/i, '')) };
    }),
  ),
  mutant(
    9,
    'wrong status',
    '401 for the status of nobody',
    'rest/login-status',
    answeringWith(['getLoginStatus'], (answer) =>
      answer.text.includes('false') ? { ...json(401, errorData('Unauthorized')) } : undefined,
    ),
  ),
  mutant(9, 'skip a check', 'that an access token does not end', 'rest/logout-token', endingTokens()),
  mutant(9, 'wrong status', '200 for an unknown path', 'rest/unknown-path', (hits) => ({
    answer: (answer, { target }) =>
      target.startsWith('/api/unknown') && answer.status === 404 ? hit(hits, { ...answer, status: 200 }) : answer,
  })),
  mutant(9, 'wrong code', 'NotFound for an unknown path', 'rest/unknown-path', (hits) => ({
    answer: (answer, { target }) =>
      target.startsWith('/api/unknown') && answer.status === 404
        ? hit(hits, json(404, errorData('SessionNotFound')))
        : answer,
  })),
  ...['/api/sessions', '/api/health', '/api/sessions/{session_id}/patch'].map((path) =>
    mutant(9, 'drop', `a method that ${path} takes, from Allow`, `rest/method (${path})`, (hits) => ({
      answer: (answer) =>
        answer.status === 405
          ? hit(hits, { ...answer, headers: withHeader(answer.headers, 'Allow', 'TRACE') })
          : answer,
    })),
  ),
  mutant(
    9,
    'leak',
    'that there is no such session, to nobody',
    'rest/order (getSession)',
    insteadOf(SESSION_OPERATIONS, ({ target }) =>
      target.includes('00000000-0000-4000-8000-000000000000') ? json(404, errorData('SessionNotFound')) : undefined,
    ),
  ),
  ...operations
    .filter(({ node }) => isObject(node) && node.requestBody !== undefined)
    .map(({ id }) =>
      mutant(
        9,
        'skip a check',
        `that the body of ${id} is JSON`,
        `rest/malformed-body (${id})`,
        answeringWith([id], (answer) => (answer.status === 400 ? json(200, {}) : undefined)),
      ),
    ),
  ...['listSessions', 'getHistory', 'probeEvents'].map((id) =>
    mutant(
      9,
      'skip a check',
      `parameters that ${id} does not have`,
      `rest/unknown-parameter (${id})`,
      askingWith([id], (request) =>
        request.target.includes('unexpected')
          ? { ...request, target: request.target.replace(/[?&]unexpected=1/, '') }
          : undefined,
      ),
    ),
  ),
  ...['createSession', 'submit', 'applyPatch', 'revertPatch'].map((id) =>
    mutant(
      9,
      'skip a check',
      `the length of a key of ${id}`,
      `rest/invalid-parameter (${id} Idempotency-Key)`,
      askingWith([id], (request) => {
        const key = headerOf(request.headers, 'idempotency-key') ?? '';
        return key.length > 128 ? without(request, 'Idempotency-Key') : undefined;
      }),
    ),
  ),
  ...SESSION_OPERATIONS.map((id) =>
    mutant(
      9,
      'leak',
      `the sessions of others: ${id}`,
      `rest/other-account (${id})`,
      answeringWith([id], (answer) => (answer.text.includes('SessionNotFound') ? json(200, {}) : undefined)),
    ),
  ),
  mutant(9, 'leak', 'the sessions of others, in the list', 'rest/other-account-list', leakingList()),
];

function each(list: Json | undefined, edit: (element: JsonObject) => void): boolean {
  const elements = Array.isArray(list) ? list.filter(isObject) : [];
  elements.forEach(edit);
  return elements.length > 0;
}

function endingTokens(): Create {
  return (hits) => {
    let ended: string | undefined;
    return {
      instead({ headers }) {
        const own = headerOf(headers, 'authorization');
        return own !== undefined && own === ended ? hit(hits, json(401, errorData('Unauthorized'))) : undefined;
      },
      answer(answer, request) {
        if (isFor(request, 'logout') && answer.status === 204) ended = headerOf(request.headers, 'authorization');
        return answer;
      },
    };
  };
}

function leakingList(): Create {
  return (hits) => {
    let first: string | undefined;
    return {
      request(request) {
        const own = headerOf(request.headers, 'authorization');
        first ??= own;
        if (!isFor(request, 'listSessions') || first === undefined || own === first) return request;
        hits.count += 1;
        return { ...request, headers: withHeader(request.headers, 'Authorization', first) };
      },
    };
  };
}
