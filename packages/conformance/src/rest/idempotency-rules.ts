import { randomUUID } from 'node:crypto';
import { BrokenRule } from '../broken-rule.js';
import type { Rule } from '../rule.js';
import type { Exchange } from '../wire/exchange.js';
import type { World } from '../world/world.js';
import { expectFields, expectThat, show } from './expect.js';
import { expectAnswer } from './expect-answer.js';
import { field } from './good-call.js';

const KEY = 'openapi.yaml#/components/parameters/idempotency_key';

/** Commands that are sent again. */
export const idempotencyRules: readonly Rule[] = [
  {
    id: 'rest/idempotent-create',
    level: 'core',
    title: 'With a key createSession creates one session, no matter how often it is sent, also at the same time.',
    source: KEY,
    promise: 4,
    async run(world) {
      const create = await prepareCreate(world);
      const key = randomUUID();
      const together = await Promise.all([create(key, {}), create(key, {}), create(key, {})]);
      const later = await create(key, {});
      for (const answer of [...together, later]) expectAnswer(answer, { status: 201 });
      expectSame(together[0], [...together.slice(1), later], 'session_id');
      expectAnswer(await create(key, { title: 'another' }), { status: 409, code: 'IdempotencyConflict' });
      const other = await create(randomUUID(), {});
      const one = field(together[0]?.json, 'session_id');
      expectThat(field(other.json, 'session_id') !== one, other, {
        expected: 'another session for another key',
        got: show(one),
      });
    },
  },
  {
    id: 'rest/idempotent-submit',
    level: 'core',
    title: 'With a key a submission is accepted once and always gets the same answer, also at the same time.',
    source: KEY,
    promise: 4,
    async run(world) {
      const { path } = await world.sharedSession();
      const key = randomUUID();
      const body = { type: 'interrupt', metadata: { n: 1 } };
      const together = await Promise.all([submit(world, path, key, body), submit(world, path, key, body)]);
      const later = await submit(world, path, key, body);
      const byBody = await submit(world, path, undefined, { ...body, submission_id: key });
      for (const answer of [...together, later, byBody]) {
        expectAnswer(answer, { status: 200 });
        expectFields(answer, { status: 'submitted', submission_id: key });
      }
      expectSame(together[0], [...together.slice(1), later, byBody], 'event_id');
      expectSame(together[0], [...together.slice(1), later, byBody], 'timestamp');
      await expectAccepted(world, path, key, Number(field(later.json, 'event_id')));
      const other = { ...body, metadata: { n: 2 } };
      expectAnswer(await submit(world, path, key, other), { status: 409, code: 'IdempotencyConflict' });
      const repeated = await submit(world, path, undefined, { ...other, submission_id: key });
      expectAnswer(repeated, { status: 409, code: 'IdempotencyConflict' });
    },
  },
  {
    id: 'rest/key-and-submission-id',
    level: 'core',
    title: 'A key and a submission_id that differ are refused; without a submission_id the key is used as such.',
    source: 'openapi.yaml#/paths/~1api~1sessions~1{session_id}~1submit/post',
    async run(world) {
      const { path } = await world.sharedSession();
      const [key, another] = [randomUUID(), randomUUID()];
      const both = await submit(world, path, key, { type: 'interrupt', submission_id: another });
      expectAnswer(both, { status: 400, code: 'InvalidRequest' });
      const same = await submit(world, path, key, { type: 'interrupt', submission_id: key });
      expectAnswer(same, { status: 200, to: 'whose key and submission_id are the same' });
      expectFields(same, { submission_id: key });
    },
  },
  {
    id: 'rest/refusal-not-kept',
    level: 'core',
    title: 'A key whose request was refused may be used again.',
    source: 'PROTOCOL.md#Refusals are not',
    promise: 4,
    async run(world) {
      const { path } = await world.sharedSession();
      const key = randomUUID();
      const approval = { type: 'approval', approval_id: randomUUID(), decision: 'allow_once' };
      expectAnswer(await submit(world, path, key, approval), { status: 404, code: 'ApprovalNotFound' });
      expectAnswer(await submit(world, path, key, { type: 'unknown' }), { status: 400 });
      const good = await submit(world, path, key, { type: 'interrupt' });
      expectAnswer(good, { status: 200, to: 'with a key whose earlier requests were refused' });
      const create = await prepareCreate(world);
      const another = randomUUID();
      expectAnswer(await create(another, { agent: 'no-such-agent' }), { status: 400 });
      expectAnswer(await create(another, {}), { status: 201, to: 'with a key whose earlier request was refused' });
    },
  },
  {
    id: 'rest/key-scope',
    level: 'core',
    title: 'A key belongs to one operation and one session: elsewhere the same key is a different one.',
    source: KEY,
    promise: 4,
    async run(world) {
      const create = await prepareCreate(world);
      const [one, two] = [await world.sharedSession(), await world.createSession()];
      const key = randomUUID();
      for (const { path } of [one, two]) {
        const answer = await submit(world, path, key, { type: 'interrupt', metadata: { path } });
        expectAnswer(answer, { status: 200, to: 'with a key that was used in another session' });
        await expectAccepted(world, path, key, Number(field(answer.json, 'event_id')));
      }
      expectAnswer(await create(key, {}), { status: 201, to: 'with a key that was used with another operation' });
    },
  },
  {
    id: 'rest/submission-logged',
    level: 'core',
    title: 'A submission that is acknowledged is in the log unchanged, at the event_id of the answer.',
    source: 'openapi.yaml#/components/schemas/SubmitResponse/properties/event_id',
    promise: 1,
    async run(world) {
      const { path } = await world.sharedSession();
      const random = world.random('rest/submission-logged');
      for (let n = 0; n < 8; n += 1) {
        const metadata = {
          n,
          text: 'ü🙂"\\\n'.repeat(random.integer(0, 50)),
          odd: random.pick([null, 1e-7, [], {}, [[0]]]),
        };
        const clear_queue = random.chance(50);
        const submission = { type: 'interrupt', clear_queue, metadata };
        const answer = await submit(world, path, undefined, submission);
        expectAnswer(answer, { status: 200 });
        const { submission_id, event_id }: Record<string, unknown> = Object(answer.json);
        const page = await world.call({ path: `${path}/history?after=${Number(event_id) - 1}&limit=1` });
        expectAnswer(page, { status: 200 });
        expectFields({ ...page, json: field(page.json, 'items', 0) }, { type: 'event', id: event_id });
        const payload = field(page.json, 'items', 0, 'payload');
        expectFields({ ...page, json: payload }, { type: 'submission_accepted', submission_id });
        expectFields({ ...page, json: field(payload, 'submission') }, submission);
      }
    },
  },
];

/** A function that sends createSession with a key. The body is the same each time, except for `changes`. */
async function prepareCreate(world: World) {
  const cwd = await world.createFolder();
  const named = world.agent === undefined ? {} : { agent: world.agent };
  return (key: string, changes: object): Promise<Exchange> => {
    const json = { cwd, ...named, ...changes };
    return world.call({ method: 'POST', path: '/api/sessions', json, headers: { 'Idempotency-Key': key } });
  };
}

function submit(world: World, path: string, key: string | undefined, json: object): Promise<Exchange> {
  const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
  return world.call({ method: 'POST', path: `${path}/submit`, json, headers });
}

function expectSame(first: Exchange | undefined, others: readonly Exchange[], name: string): void {
  const value = field(first?.json, name);
  for (const other of others) expectFields(other, { [name]: value });
}

/** Expects exactly one submission_accepted with this id in the log, at this event id. */
async function expectAccepted(world: World, path: string, id: string, eventId: number): Promise<void> {
  const history = await world.call({ path: `${path}/history?limit=1000` });
  const items = field(history.json, 'items');
  const accepted = (Array.isArray(items) ? items : []).filter(({ payload }) => {
    return payload?.type === 'submission_accepted' && payload.submission_id === id;
  });
  const ids = accepted.map((item) => item.id);
  if (ids.join() === `${eventId}`) return;
  const expected = `one submission_accepted of ${id}, event ${eventId}`;
  throw new BrokenRule({ expected, got: `events ${show(ids)}`, exchange: history });
}
