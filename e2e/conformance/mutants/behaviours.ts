import { headerOf, type PassedAnswer, withHeader } from '../proxy/change.js';
import { operations } from './documents.js';
import { isObject, type Json, type JsonObject } from './edit-json.js';
import type { Mutant } from './mutant.js';
import {
  answering,
  answeringWith,
  asking,
  askingWith,
  type Create,
  insteadOf,
  isFor,
  json,
  telling,
  typeOf,
  without,
} from './wrongly.js';

const SESSION_OPERATIONS = operations.filter(({ path }) => path.includes('{session_id}')).map(({ id }) => id);

/** What is wrong by what the documents say in words, and in no schema. */
export const behaviourMutants: readonly Mutant[] = [
  mutant('wrong value', 'the title of a session', 'rest/created-session', dropping('createSession', 'title')),
  mutant('drop', 'Location of createSession', 'rest/created-session', header('createSession', 'Location')),
  mutant(
    'wrong value',
    'seconds in place of milliseconds',
    'rest/timestamps',
    value('getSession', 'created_at', 1_642_694_400),
  ),
  mutant('skip a check', 'the cwd of a session', 'rest/bad-folder', created('relative', 'cwd')),
  mutant('skip a check', 'the agent of a session', 'rest/unknown-agent', created('no-such-agent', 'agent')),
  mutant('skip a check', 'the size of metadata', 'rest/large-metadata', (hits) =>
    asking(
      'createSession',
      (body) => JSON.stringify(body.metadata ?? {}).length > 16_384 && delete body.metadata,
    )(hits),
  ),
  mutant(
    'reorder',
    'the list of sessions',
    'rest/list',
    answering(
      'listSessions',
      (body) => Array.isArray(body.sessions) && body.sessions.length > 1 && body.sessions.reverse(),
    ),
  ),
  mutant(
    'duplicate',
    'a session of the list',
    'rest/list',
    answering(
      'listSessions',
      (body) =>
        Array.isArray(body.sessions) && body.sessions.length > 0 && body.sessions.unshift(...body.sessions.slice(0, 1)),
    ),
  ),
  mutant(
    'skip a check',
    'the status that is asked for',
    'rest/list-status',
    askingWith(['listSessions'], (request) => {
      const target = request.target.replace(/status=\w+&?/, '');
      return target === request.target ? undefined : { ...request, target };
    }),
  ),
  mutant(
    'drop',
    'session_closed',
    'rest/close',
    telling((items) => items.filter((item) => typeOf(item) !== 'session_closed')),
  ),
  mutant(
    'skip a check',
    'purge',
    'rest/purge',
    askingWith(['closeSession'], (request) => {
      const target = request.target.replace('purge=true', 'purge=false');
      return target === request.target ? undefined : { ...request, target };
    }),
  ),
  mutant(
    'drop',
    'an operation of the document that is kept',
    'rest/documents (getOpenapi)',
    answeringWith(['getOpenapi'], (answer) => ({
      ...answer,
      text: answer.text.replace('operationId: revertPatch', 'operationId: revert'),
    })),
  ),
  mutant(
    'rename',
    'the channel of the document that is kept',
    'rest/documents (getAsyncapi)',
    answeringWith(['getAsyncapi'], (answer) => ({
      ...answer,
      text: answer.text.replace('address: /api', 'address: /v2'),
    })),
  ),
  mutant(
    'duplicate',
    'the default agent',
    'rest/agents',
    answering('listAgents', (body) => Array.isArray(body.agents) && body.agents.push(...body.agents.slice(0, 1))),
  ),
  mutant(
    'drop',
    'a workspace that an agent takes',
    'rest/agent-workspaces',
    answering('listAgents', (body) =>
      each(body.agents, (agent) => {
        agent.workspaces = ['direct'];
      }),
    ),
  ),
  {
    ...mutant('off by one', 'the sessions that health counts', 'rest/session-count', (hits) => {
      let asked = 0;
      return answering('getHealth', (body) => {
        asked += 1;
        body.session_count = Number(body.session_count) + asked;
      })(hits);
    }),
    alone: true,
  },
  mutant(
    'leak',
    'the version, to anybody',
    'rest/health',
    answering('getHealth', (body) => {
      body.version = '0.1.0';
    }),
  ),
  mutant(
    'skip a check',
    'a login that was logged out',
    'rest/login',
    insteadOf(['logout'], () => ({ status: 204, headers: json(200, {}).headers.slice(1), text: '' })),
  ),
  mutant(
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
    'wrong status',
    '401 for the status of nobody',
    'rest/login-status',
    answeringWith(['getLoginStatus'], (answer) =>
      answer.text.includes('false') ? { ...json(401, error('Unauthorized')) } : undefined,
    ),
  ),
  mutant('skip a check', 'that an access token does not end', 'rest/logout-token', endingTokens()),
  mutant('wrong status', '200 for an unknown path', 'rest/unknown-path', (hits) => ({
    answer: (answer, { target }) =>
      target.startsWith('/api/unknown') && answer.status === 404 ? hit(hits, { ...answer, status: 200 }) : answer,
  })),
  mutant('wrong code', 'NotFound for an unknown path', 'rest/unknown-path', (hits) => ({
    answer: (answer, { target }) =>
      target.startsWith('/api/unknown') && answer.status === 404
        ? hit(hits, json(404, error('SessionNotFound')))
        : answer,
  })),
  ...['/api/sessions', '/api/health', '/api/sessions/{session_id}/patch'].map((path) =>
    mutant('drop', `a method that ${path} takes, from Allow`, `rest/method (${path})`, (hits) => ({
      answer: (answer) =>
        answer.status === 405
          ? hit(hits, { ...answer, headers: withHeader(answer.headers, 'Allow', 'TRACE') })
          : answer,
    })),
  ),
  mutant(
    'leak',
    'that there is no such session, to nobody',
    'rest/order (getSession)',
    insteadOf(SESSION_OPERATIONS, ({ target }) =>
      target.includes('00000000-0000-4000-8000-000000000000') ? json(404, error('SessionNotFound')) : undefined,
    ),
  ),
  ...operations
    .filter(({ node }) => isObject(node) && node.requestBody !== undefined)
    .map(({ id }) =>
      mutant(
        'skip a check',
        `that the body of ${id} is JSON`,
        `rest/malformed-body (${id})`,
        answeringWith([id], (answer) => (answer.status === 400 ? json(200, {}) : undefined)),
      ),
    ),
  ...['listSessions', 'getHistory', 'probeEvents'].map((id) =>
    mutant(
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
      'skip a check',
      `the length of a key of ${id}`,
      `rest/invalid-parameter (${id} Idempotency-Key)`,
      askingWith([id], (request) => {
        const key = headerOf(request.headers, 'idempotency-key') ?? '';
        return key.length > 128 ? without(request, 'Idempotency-Key') : undefined;
      }),
    ),
  ),
  mutant(
    'wrong status',
    'a documented request is refused',
    'rest/example (getHistory)',
    answeringWith(['getHistory'], (answer) => (answer.status === 200 ? json(503, error('Unavailable')) : undefined)),
  ),
  mutant(
    'reorder',
    'queued turns',
    'rest/queue',
    answering(
      'getSession',
      (body) => Array.isArray(body.queued_turns) && body.queued_turns.length > 1 && body.queued_turns.reverse(),
    ),
  ),
  mutant('reorder', 'the turns of a queue, as they run', 'rest/queue-order', swappingTurns()),
  mutant(
    'skip a check',
    'the queue: it is never full',
    'rest/queue-full',
    answeringWith(['submit'], (answer) =>
      answer.status === 429
        ? json(200, { status: 'submitted', timestamp: Date.now(), submission_id: 'x', event_id: 9 })
        : undefined,
    ),
  ),
  mutant(
    'drop',
    'a setting of the agent, once it is set',
    'rest/configure',
    answering('getSession', (body) => {
      if (!isObject(body.modes)) return false;
      body.modes.current = 'ask';
    }),
  ),
  mutant(
    'skip a check',
    'a second answer to an approval',
    'rest/approval',
    answeringWith(['submit'], (answer) =>
      answer.text.includes('ApprovalResolved')
        ? json(200, { status: 'submitted', timestamp: Date.now(), submission_id: 'x', event_id: 9 })
        : undefined,
    ),
  ),
  mutant(
    'skip a check',
    'a rejection',
    'rest/approval-rejected',
    asking('submit', (body) => {
      if (body.decision !== 'reject_once') return false;
      body.decision = 'allow_once';
    }),
  ),
  ...['auto', 'deny'].map((policy) =>
    mutant(
      'skip a check',
      `the policy ${policy}: a person is asked`,
      `rest/approval-policy (${policy})`,
      asking('createSession', (body) => {
        if (body.approval_policy !== policy) return false;
        body.approval_policy = 'ask';
        body.approval_timeout = 1_000;
      }),
    ),
  ),
  mutant(
    'skip a check',
    'what a question may be answered with',
    'rest/elicitation',
    asking('submit', (body) => {
      if (!isObject(body.content) || body.content.language !== 'COBOL') return false;
      body.content.language = 'Python';
    }),
  ),
  mutant(
    'drop',
    'the metadata of a session',
    'rest/random-session',
    asking('createSession', (body) => body.metadata !== undefined && delete body.metadata),
  ),
  ...SESSION_OPERATIONS.map((id) =>
    mutant(
      'leak',
      `the sessions of others: ${id}`,
      `rest/other-account (${id})`,
      answeringWith([id], (answer) => (answer.text.includes('SessionNotFound') ? json(200, {}) : undefined)),
    ),
  ),
  mutant('leak', 'the sessions of others, in the list', 'rest/other-account-list', leakingList()),
];

/** A mutant of what the documents say in words. */
function mutant(operator: Mutant['operator'], place: string, killedBy: string, create: Create): Mutant {
  return { promise: 9, operator, place, killedBy, create };
}

function hit(hits: { count: number }, answer: PassedAnswer): PassedAnswer {
  hits.count += 1;
  return answer;
}

function header(id: string, name: string): Create {
  return answeringWith([id], (answer) => ({ ...answer, headers: withHeader(answer.headers, name, undefined) }));
}

function value(id: string, name: string, wrong: Json): Create {
  return answering(id, (body) => {
    body[name] = wrong;
  });
}

function dropping(id: string, name: string): Create {
  return asking(id, (body) => body[name] !== undefined && delete body[name]);
}

/** A session is created all the same where a setting has a value that is refused. */
function created(refused: string, name: string): Create {
  return (hits) => ({
    answer: (answer, request) =>
      answer.status === 400 && isFor(request, 'createSession') && answer.text.includes(`/body/${name}`)
        ? hit(hits, json(201, { session_id: refused }))
        : answer,
  });
}

function each(list: Json | undefined, edit: (element: JsonObject) => void): boolean {
  const elements = Array.isArray(list) ? list.filter(isObject) : [];
  elements.forEach(edit);
  return elements.length > 0;
}

/** Whoever logs out ends the access token, too. */
function endingTokens(): Create {
  return (hits) => {
    let ended: string | undefined;
    return {
      instead({ headers }) {
        const own = headerOf(headers, 'authorization');
        return own !== undefined && own === ended ? hit(hits, json(401, error('Unauthorized'))) : undefined;
      },
      answer(answer, request) {
        if (isFor(request, 'logout') && answer.status === 204) ended = headerOf(request.headers, 'authorization');
        return answer;
      },
    };
  };
}

/** Whoever asks for the list is taken for the first who has asked for anything. */
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

/** Of the turns that a session is asked for, the second and the third are each taken for the other. */
function swappingTurns(): Create {
  return (hits) => {
    const turns = new Map<string, string[]>();
    return {
      answer(answer, request) {
        const session = request.target.split('/')[3] ?? '';
        if (isFor(request, 'submit') && answer.status === 200) {
          const [, turn] = /"turn_id":"([^"]+)"/.exec(answer.text) ?? [];
          if (turn !== undefined) turns.set(session, [...(turns.get(session) ?? []), turn]);
        }
        const [, second, third] = turns.get(session) ?? [];
        if (!isFor(request, 'getHistory') || second === undefined || third === undefined) return answer;
        const swap = (id: string) => (id === second ? third : second);
        return hit(hits, { ...answer, text: answer.text.replace(new RegExp(`${second}|${third}`, 'g'), swap) });
      },
    };
  };
}

function error(code: string): JsonObject {
  return { code, message: 'No.', timestamp: Date.now(), request_id: '0f8f7c1e-2a5c-4f5c-9d58-0f6f3c9b1f11' };
}
