import { randomUUID } from 'node:crypto';
import { operations } from '../documents/operations.js';
import type { Rule } from '../rule.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field, goodCall, isOfSession } from './good-call.js';

/** Two accounts: the sessions of one are unknown to the other. */
export const accountRules: readonly Rule[] = [
  ...operations.filter(isOfSession).map((operation): Rule => {
    return {
      id: 'rest/other-account',
      subject: operation.operationId,
      level: 'full',
      title: "Another account's session is SessionNotFound.",
      source: 'PROTOCOL.md#unknown (404), on each operation',
      needs: ['token2'],
      async run(world) {
        // A faulty server might close the session: then it must not be the shared one.
        const close = operation.operationId === 'closeSession';
        const session = close ? await world.createSession() : await world.sharedSession();
        const good = await goodCall(world, operation, session.path);
        expectAnswer(await world.call({ ...good, as: 'token2' }), { status: 404, code: 'SessionNotFound' });
        expectFields(await world.call({ path: session.path }), { status: 'idle' });
      },
    };
  }),
  {
    id: 'rest/other-account-list',
    level: 'full',
    title: 'The list has only the sessions of its own account.',
    source: 'PROTOCOL.md#unknown (404), on each operation',
    needs: ['token2'],
    async run(world) {
      const { session_id } = await world.createSession();
      const list = await world.call({ path: '/api/sessions?limit=100', as: 'token2' });
      expectAnswer(list, { status: 200 });
      expectThat(!list.text.includes(session_id), list, { expected: 'a list without it', got: session_id });
    },
  },
  {
    id: 'rest/other-account-key',
    level: 'full',
    title: 'An Idempotency-Key belongs to one account: two accounts with the same key get different sessions.',
    source: 'openapi.yaml#/components/parameters/idempotency_key',
    needs: ['token2'],
    promise: 4,
    async run(world) {
      const headers = { 'Idempotency-Key': randomUUID() };
      const json = { cwd: await world.createFolder(), ...(world.agent === undefined ? {} : { agent: world.agent }) };
      const create = { method: 'POST', path: '/api/sessions', headers, json };
      const [one, two] = [await world.call(create), await world.call({ ...create, as: 'token2' })];
      for (const answer of [one, two]) expectAnswer(answer, { status: 201 });
      const ids = [one, two].map((answer) => field(answer.json, 'session_id'));
      expectThat(ids[0] !== ids[1], two, { expected: 'another session for another account', got: show(ids) });
    },
  },
];
