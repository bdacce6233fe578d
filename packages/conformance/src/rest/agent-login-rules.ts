import { NotExercised } from '../broken-rule.js';
import { elementsOf, find, type Json, textAt } from '../documents/json.js';
import type { Rule } from '../rule.js';
import type { Credential, World } from '../world/world.js';
import { expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { agentOf, field, NO_METHOD } from './good-call.js';

const AUTHENTICATE = 'openapi.yaml#/paths/~1api~1agents~1{agent}~1authenticate/post';

/** Logins of agents. No rule logs an agent in: that would change what its sessions use. */
export const agentLoginRules: readonly Rule[] = [
  {
    id: 'rest/agent-login',
    level: 'core',
    title:
      'A login of an unknown agent, by a method that it does not have, or by one for a terminal, is refused; what it has is listed then.',
    source: AUTHENTICATE,
    async run(world) {
      const unknown = await logIn(world, 'no-such-agent', NO_METHOD);
      if (unknown.status === 403) throw new NotExercised('the token is not of the owner of the server');
      expectAnswer(unknown, { status: 404, code: 'NotFound' });
      const agent = await agentOf(world);
      const refused = await logIn(world, agent, NO_METHOD);
      const list = await world.call({ path: '/api/agents' });
      const described = elementsOf(field(list.json, 'agents') as Json).find((one) => textAt(one, 'name') === agent);
      const listed = find(described, 'login_methods');
      const methods = elementsOf(listed);
      // An agent without methods is never asked for one.
      const expected = methods.length > 0 ? ({ status: 400, code: 'InvalidRequest' } as const) : UNSUPPORTED;
      expectAnswer(refused, { ...expected, pointer: '/body/method', to: `by a method that ${agent} does not have` });
      const isListed = Array.isArray(listed);
      expectThat(isListed, list, { expected: `login_methods of ${agent}, which has started`, got: show(listed) });
      const ids = methods.map((method) => textAt(method, 'id'));
      expectThat(new Set(ids).size === ids.length, list, { expected: 'ids that differ', got: show(ids) });
      for (const method of methods) {
        const [id, kind] = [textAt(method, 'id'), textAt(method, 'kind')];
        const needs = { env_var: 'variables', terminal: 'command' }[kind];
        const has = needs === undefined || find(method, needs) !== undefined;
        expectThat(has, list, { expected: `${needs} of ${id}, which is ${kind}`, got: show(method) });
        if (kind !== 'terminal') continue;
        const answer = await logIn(world, agent, id);
        expectAnswer(answer, { status: 400, code: 'InvalidRequest', pointer: '/body/method', to: `by ${id}` });
      }
    },
  },
  {
    id: 'rest/agent-login-owner',
    level: 'full',
    title: 'Another account than that of the owner logs no agent in.',
    source: AUTHENTICATE,
    needs: ['token2'],
    async run(world) {
      const agent = await agentOf(world);
      expectAnswer(await logIn(world, agent, NO_METHOD, 'token2'), { status: 403, code: 'Forbidden' });
    },
  },
];

const UNSUPPORTED = { status: 422, code: 'UnsupportedByAgent' } as const;

function logIn(world: World, agent: string, method: string, as: Credential = 'token') {
  const path = `/api/agents/${encodeURIComponent(agent)}/authenticate`;
  return world.call({ method: 'POST', path, json: { method }, as });
}
