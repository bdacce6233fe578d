import { parse } from 'yaml';
import { BrokenRule, NotExercised } from '../broken-rule.js';
import { find, type Json } from '../documents/json.js';
import { operations } from '../documents/operations.js';
import type { Rule } from '../rule.js';
import type { World } from '../world/world.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

/** The server itself: its health, its documents, its agents. */
export const systemRules: readonly Rule[] = [
  {
    id: 'rest/health',
    level: 'core',
    title: 'Health needs no credential, and shows the version only with one.',
    source: 'openapi.yaml#/paths/~1api~1health/get',
    async run(world) {
      const known = await world.call({ path: '/api/health' });
      expectAnswer(known, { status: 200 });
      expectFields(known, { status: 'healthy' });
      const version = field(known.json, 'version');
      expectThat(typeof version === 'string', known, { expected: 'a version with a credential', got: show(version) });
      for (const as of ['none', { bearer: 'parley_unknown' }] as const) {
        const open = await world.call({ path: '/api/health', as });
        expectAnswer(open, { status: 200 });
        const told = field(open.json, 'version');
        expectThat(told === undefined, open, { expected: 'no version without a credential', got: show(told) });
      }
    },
  },
  {
    id: 'rest/session-count',
    level: 'core',
    title: 'Health counts the sessions that are not closed.',
    source: 'openapi.yaml#/components/schemas/Health/properties/session_count',
    // No other rule may run at the same time, since others create sessions.
    when: 'serial',
    async run(world) {
      const count = async () => Number(field((await world.call({ path: '/api/health' })).json, 'session_count'));
      for (let attempt = 1; ; attempt += 1) {
        const before = await count();
        const { path } = await world.createSession();
        const open = await count();
        await world.call({ method: 'DELETE', path });
        const closed = await world.call({ path: '/api/health' });
        const after = field(closed.json, 'session_count');
        if (open === before + 1 && after === before) return;
        // Somebody else may be using the server too: try again.
        const expected = `${before}, with a session ${before + 1}, then ${before}`;
        expectThat(attempt < 3, closed, { expected, got: `${before}, ${open} and ${after}` });
      }
    },
  },
  {
    id: 'rest/documents',
    subject: 'getOpenapi',
    level: 'core',
    title: 'The server gives the documents that it keeps to anybody, and they have every operation.',
    source: 'openapi.yaml#/paths/~1api~1openapi.yaml/get',
    async run(world) {
      const document = await readDocument(world, '/api/openapi.yaml');
      for (const { path, method, operationId } of operations) {
        if (find(document, 'paths', path, method.toLowerCase(), 'operationId') === operationId) continue;
        throw new BrokenRule({ expected: `${operationId} in /api/openapi.yaml`, got: 'none' });
      }
    },
  },
  {
    id: 'rest/documents',
    subject: 'getAsyncapi',
    level: 'core',
    title: 'The server gives the documents that it keeps to anybody, and they have every operation.',
    source: 'openapi.yaml#/paths/~1api~1asyncapi.yaml/get',
    async run(world) {
      const document = await readDocument(world, '/api/asyncapi.yaml');
      if (find(document, 'channels', 'events', 'address') === '/api/sessions/{session_id}/events') return;
      throw new BrokenRule({ expected: 'the channel of events in /api/asyncapi.yaml', got: 'none' });
    },
  },
  {
    id: 'rest/agents',
    level: 'core',
    title: 'Exactly one agent is the default, names are unique, and an agent that cannot start has a reason.',
    source: 'openapi.yaml#/paths/~1api~1agents/get',
    async run(world) {
      const answer = await world.call({ path: '/api/agents' });
      expectAnswer(answer, { status: 200 });
      const agents = listAgents(answer.json);
      const defaults = agents.filter((agent) => agent.default === true);
      expectThat(defaults.length === 1, answer, { expected: 'one default agent', got: `${defaults.length}` });
      const names = agents.map(({ name }) => name);
      expectThat(new Set(names).size === names.length, answer, { expected: 'names that differ', got: show(names) });
      for (const { name, available, reason } of agents) {
        const fits = available === (reason === null);
        expectThat(fits, answer, { expected: `a reason where ${name} cannot start, else null`, got: show(reason) });
      }
      const { info } = await world.sharedSession();
      const used = agents.find(({ name }) => name === info.agent);
      expectThat(used?.available === true, answer, { expected: `${info.agent} to be available`, got: show(used) });
      if (world.agent === undefined) {
        expectThat(used?.default === true, answer, { expected: `${info.agent} as the default`, got: show(defaults) });
      }
    },
  },
  {
    id: 'rest/agent-workspaces',
    level: 'core',
    title: 'A session can be created in each workspace that its agent lists, and in no other.',
    source: 'openapi.yaml#/components/schemas/AgentDescription/properties/workspaces',
    async run(world) {
      const { info } = await world.sharedSession();
      const answer = await world.call({ path: '/api/agents' });
      const listed = listAgents(answer.json).find(({ name }) => name === info.agent)?.workspaces;
      for (const workspace of ['direct', 'isolated']) {
        const json = { cwd: await world.createFolder(), agent: info.agent, workspace };
        const created = await world.call({ method: 'POST', path: '/api/sessions', json });
        // The server may have no git, which is not a fault.
        if (workspace === 'isolated' && created.status === 503)
          throw new NotExercised('the server says 503 to isolated');
        const offered = Array.isArray(listed) && listed.includes(workspace);
        const to = `in a workspace that ${info.agent} ${offered ? 'lists' : 'does not list'}: ${workspace}`;
        expectAnswer(created, { status: offered ? 201 : 400, to });
        if (offered) expectFields(created, { workspace });
      }
    },
  },
];

async function readDocument(world: World, path: string): Promise<Json> {
  const answer = await world.call({ path, as: 'none' });
  expectAnswer(answer, { status: 200 });
  try {
    return parse(answer.text);
  } catch (error) {
    throw new BrokenRule({ expected: 'YAML', got: String(error), exchange: answer });
  }
}

function listAgents(json: unknown): Record<string, unknown>[] {
  const agents = field(json, 'agents');
  return Array.isArray(agents) ? agents.map(Object) : [];
}
