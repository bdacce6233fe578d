import { withHeader } from '../proxy/change.js';
import { isObject, type Json } from './edit-json.js';
import { type Mutant, mutant } from './mutant.js';
import {
  answering,
  answeringWith,
  asking,
  askingWith,
  type Create,
  editEvents,
  errorData,
  hit,
  isFor,
  json,
  telling,
  typeOf,
} from './wrongly.js';

/** Servers that break what the documents say in words, not schemas: sessions and their conversations. */
export const sessionMutants: readonly Mutant[] = [
  mutant(9, 'wrong value', 'the title of a session', 'rest/created-session', dropping('createSession', 'title')),
  mutant(9, 'drop', 'Location of createSession', 'rest/created-session', header('createSession', 'Location')),
  mutant(
    9,
    'wrong value',
    'seconds in place of milliseconds',
    'rest/timestamps',
    value('getSession', 'created_at', 1_642_694_400),
  ),
  mutant(9, 'skip a check', 'the cwd of a session', 'rest/bad-folder', created('relative', 'cwd')),
  mutant(9, 'skip a check', 'the agent of a session', 'rest/unknown-agent', created('no-such-agent', 'agent')),
  mutant(9, 'skip a check', 'the size of metadata', 'rest/large-metadata', (hits) =>
    asking(
      'createSession',
      (body) => JSON.stringify(body.metadata ?? {}).length > 16_384 && delete body.metadata,
    )(hits),
  ),
  mutant(
    9,
    'reorder',
    'the list of sessions',
    'rest/list',
    answering(
      'listSessions',
      (body) => Array.isArray(body.sessions) && body.sessions.length > 1 && body.sessions.reverse(),
    ),
  ),
  mutant(
    9,
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
    9,
    'skip a check',
    'the status that is asked for',
    'rest/list-status',
    askingWith(['listSessions'], (request) => {
      const target = request.target.replace(/status=\w+&?/, '');
      return target === request.target ? undefined : { ...request, target };
    }),
  ),
  mutant(
    9,
    'drop',
    'session_closed',
    'rest/close',
    telling((items) => items.filter((item) => typeOf(item) !== 'session_closed')),
  ),
  mutant(
    9,
    'skip a check',
    'purge',
    'rest/purge',
    askingWith(['closeSession'], (request) => {
      const target = request.target.replace('purge=true', 'purge=false');
      return target === request.target ? undefined : { ...request, target };
    }),
  ),
  mutant(
    9,
    'wrong status',
    'a documented request is refused',
    'rest/example (getHistory)',
    answeringWith(['getHistory'], (answer) =>
      answer.status === 200 ? json(503, errorData('Unavailable')) : undefined,
    ),
  ),
  mutant(
    9,
    'reorder',
    'queued turns',
    'rest/queue',
    answering(
      'getSession',
      (body) => Array.isArray(body.queued_turns) && body.queued_turns.length > 1 && body.queued_turns.reverse(),
    ),
  ),
  mutant(9, 'reorder', 'the turns of a queue, as they run', 'rest/queue-order', swappingTurns()),
  mutant(
    9,
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
    9,
    'drop',
    'a setting of the agent, once it is set',
    'rest/configure',
    answering('getSession', (body) => {
      if (!isObject(body.modes)) return false;
      body.modes.current = 'ask';
    }),
  ),
  mutant(
    9,
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
    9,
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
      9,
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
    9,
    'skip a check',
    'what a question may be answered with',
    'rest/elicitation',
    asking('submit', (body) => {
      if (!isObject(body.content) || body.content.language !== 'COBOL') return false;
      body.content.language = 'Python';
    }),
  ),
  mutant(
    9,
    'drop',
    'the mark of what was imported',
    'rest/agent-sessions',
    telling((items) =>
      editEvents(
        items,
        'item_completed',
        ({ item }) => isObject(item) && item.imported !== undefined && delete item.imported,
      ),
    ),
  ),
  mutant(
    9,
    'skip a check',
    'a session that the agent does not have',
    'rest/agent-session-refused',
    created('550e8400-e29b-41d4-a716-446655440000', 'resume_agent_session'),
  ),
  mutant(9, 'leak', 'what another account has said to the agent', 'rest/other-account-agent-sessions', (hits) => {
    let seen: Json[] = [];
    return answering('listAgentSessions', (body) => {
      if (!Array.isArray(body.sessions)) return false;
      if (body.sessions.length > 0) {
        seen = body.sessions;
        return false;
      }
      body.sessions = seen;
    })(hits);
  }),
  mutant(
    9,
    'wrong value',
    'where a fork comes from',
    'rest/fork',
    answering('forkSession', ({ forked_from }) => isObject(forked_from) && Object.assign(forked_from, { event_id: 1 })),
  ),
  mutant(7, 'drop', 'the patch of a fork', 'rest/fork-isolated', (hits) => {
    let first: string | undefined;
    return answering('getPatch', (body, { target }) => {
      first ??= target;
      if (target === first) return false;
      body.diff = '';
    })(hits);
  }),
  mutant(
    9,
    'skip a check',
    'a fork while a turn runs',
    'rest/fork-busy',
    answeringWith(['forkSession'], (answer) =>
      answer.text.includes('SessionBusy')
        ? json(201, { session_id: '550e8400-e29b-41d4-a716-446655440000' })
        : undefined,
    ),
  ),
  mutant(
    9,
    'drop',
    'the metadata of a session',
    'rest/random-session',
    asking('createSession', (body) => body.metadata !== undefined && delete body.metadata),
  ),
];

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

function created(refused: string, name: string): Create {
  return (hits) => ({
    answer: (answer, request) =>
      answer.status === 400 && isFor(request, 'createSession') && answer.text.includes(`/body/${name}`)
        ? hit(hits, json(201, { session_id: refused }))
        : answer,
  });
}

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
