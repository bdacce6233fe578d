import type { Rule } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import type { Call, World } from '../world/world.js';
import { startConversation } from './conversation.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { agentOf, field } from './good-call.js';

const LIST = 'openapi.yaml#/paths/~1api~1agents~1{agent}~1sessions/get';
const RESUME = 'openapi.yaml#/components/schemas/CreateSessionRequest/properties/resume_agent_session';

/** The sessions that the agent itself keeps. An agent that cannot list them or take them up has to be refused as one. */
export const agentSessionRules: readonly Rule[] = [
  {
    id: 'rest/agent-sessions',
    level: 'agent',
    title:
      'A session that the agent keeps is listed; taken up once at a time, it brings its turns as imported, and goes on.',
    source: RESUME,
    async run(world) {
      const talk = await startConversation(world);
      const { cwd, session_id, path } = talk;
      const turn_id = await talk.say('/plan');
      await talk.waitFor('turn_completed', { turn_id });
      const open = await list(world, cwd);
      if (open.status === 422) return expectAnswer(open, { status: 422, code: 'UnsupportedByAgent' });
      expectAnswer(open, { status: 200 });
      const [kept] = sessionsOf(open);
      expectThat(kept?.cwd === cwd && kept.session_id === session_id, open, {
        expected: `a session of ${cwd} with session_id ${session_id}`,
        got: show(kept),
      });
      const wish = { cwd, resume_agent_session: kept?.agent_session_id, ...named(world) };
      const create = () => world.call({ method: 'POST', path: '/api/sessions', json: wish });
      expectAnswer(await create(), { status: 409, code: 'AgentSessionInUse', to: 'for one that is open' });
      expectAnswer(await world.call({ method: 'DELETE', path }), { status: 204 });
      const closed = await list(world, cwd);
      const [left] = sessionsOf(closed);
      expectThat(left?.agent_session_id === kept?.agent_session_id && left?.session_id === undefined, closed, {
        expected: 'the same session, which nobody has open',
        got: show(left),
      });
      const created = await create();
      if (created.status === 422) {
        const pointer = '/body/resume_agent_session';
        return expectAnswer(created, { status: 422, code: 'UnsupportedByAgent', pointer });
      }
      expectAnswer(created, { status: 201 });
      expectFields(created, { cwd, status: 'idle', turn_id: null, pending_approvals: [], patch: null });
      await expectImported(world, created);
    },
  },
  {
    id: 'rest/agent-session-refused',
    level: 'core',
    title: "What is no session of the agent's own, no place of one, or no agent, is refused, and named.",
    source: LIST,
    async run(world) {
      const cwd = await world.createFolder();
      for (const outside of ['relative', `${cwd}/missing`, '/proc/self']) {
        const answer = await list(world, outside);
        expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: '/query/cwd', to: `with cwd ${outside}` });
      }
      const unknown = await world.call({ path: `/api/agents/no-such-agent/sessions?cwd=${encodeURIComponent(cwd)}` });
      expectAnswer(unknown, { status: 404, code: 'NotFound' });
      const wish = { cwd, resume_agent_session: 'no-such-session', ...named(world) };
      const create = (more: object) =>
        world.call({ method: 'POST', path: '/api/sessions', json: { ...wish, ...more } });
      const isolated = await create({ workspace: 'isolated' });
      expectAnswer(isolated, { status: 400, code: 'InvalidRequest', pointer: '/body/workspace' });
      const answer = await create({ workspace: 'direct' });
      const pointer = '/body/resume_agent_session';
      if (answer.status === 422) expectAnswer(answer, { status: 422, code: 'UnsupportedByAgent', pointer });
      else expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer });
    },
  },
  {
    id: 'rest/other-account-agent-sessions',
    level: 'full',
    title: "Another account's conversation with an agent is not listed, and not taken up.",
    source: LIST,
    needs: ['token2'],
    async run(world) {
      const talk = await startConversation(world);
      const turn_id = await talk.say('/refuse');
      await talk.waitFor('turn_completed', { turn_id });
      const own = await list(world, talk.cwd);
      if (own.status === 422) return expectAnswer(own, { status: 422, code: 'UnsupportedByAgent' });
      const [kept] = sessionsOf(own);
      expectThat(kept !== undefined, own, { expected: 'the session of the own account', got: 'none' });
      expectAnswer(await world.call({ method: 'DELETE', path: talk.path }), { status: 204 });
      const foreign = await list(world, talk.cwd, 'token2');
      expectAnswer(foreign, { status: 200 });
      const id = String(kept?.agent_session_id);
      expectThat(!foreign.text.includes(id), foreign, { expected: 'a list without it', got: id });
      const json = { cwd: talk.cwd, resume_agent_session: id, ...named(world) };
      const taken = await world.call({ method: 'POST', path: '/api/sessions', json, as: 'token2' });
      const pointer = '/body/resume_agent_session';
      expectAnswer(taken, { status: 400, code: 'InvalidRequest', pointer, to: 'for that of another account' });
    },
  },
];

/** Expects the turns of a session that was taken up, if its agent can tell them. */
async function expectImported(world: World, created: Exchange): Promise<void> {
  const path = `/api/sessions/${field(created.json, 'session_id')}`;
  const capabilities = field(created.json, 'capabilities');
  const page = await world.call({ path: `${path}/history?limit=1000` });
  const items = field(page.json, 'items');
  const events = (Array.isArray(items) ? items : []).map((item) => Object(Object(item).payload));
  const loads = Array.isArray(capabilities) && capabilities.includes('load_session');
  const started = events.find(({ type, origin }) => type === 'turn_started' && origin === 'imported');
  expectThat(!loads || started !== undefined, page, { expected: 'a turn with origin imported', got: 'none' });
  if (started === undefined) return;
  const { turn_id } = started;
  const mine = events.filter((event) => event.turn_id === turn_id);
  const whole = mine.filter(({ type }) => type === 'item_started' || type === 'item_completed');
  const unmarked = whole.find(({ item }) => Object(item).imported !== true);
  expectThat(unmarked === undefined, page, { expected: 'items with imported true', got: show(unmarked) });
  const said = whole.filter(({ type }) => type === 'item_completed').map(({ item }) => Object(item).type);
  expectThat(said.includes('user_message') && said.includes('agent_message'), page, {
    expected: 'what the user said and what the agent said',
    got: said.join(', '),
  });
  const end = mine.find(({ type }) => type === 'turn_completed');
  expectThat(end?.cause === 'imported' && end.origin === 'imported', page, {
    expected: 'turn_completed with origin and cause imported',
    got: show(end),
  });
  const message = { type: 'user_message', content: '/refuse' };
  expectAnswer(await world.call({ method: 'POST', path: `${path}/submit`, json: message }), { status: 200 });
}

async function list(world: World, cwd: string, as: Call['as'] = 'token'): Promise<Exchange> {
  const path = `/api/agents/${await agentOf(world)}/sessions?cwd=${encodeURIComponent(cwd)}`;
  return world.call({ path, as });
}

function sessionsOf({ json }: Exchange): Record<string, unknown>[] {
  const sessions = field(json, 'sessions');
  return Array.isArray(sessions) ? sessions.map((session) => Object(session)) : [];
}

function named({ agent }: World) {
  return agent === undefined ? {} : { agent };
}
