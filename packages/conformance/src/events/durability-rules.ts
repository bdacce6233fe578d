import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { BrokenRule } from '../broken-rule.js';
import { find, type Json } from '../documents/json.js';
import { expectAnswer } from '../rest/expect-answer.js';
import type { Rule } from '../rule.js';
import type { TestSession, World } from '../world/world.js';
import { expectHistory, expectIds } from './compare-history.js';
import { submit } from './delivery-rules.js';
import { openSocket } from './event-socket.js';
import type { Frame } from './frame-log.js';

/** Milliseconds between two attempts while the server is down. */
const RETRY_DELAY = 20;
/** How many submissions are surely acknowledged before the server is killed. Others are in flight then. */
const SUBMISSIONS_BEFORE_KILL = 5;

/** What survives when the server is killed and started again. */
export const durabilityRules: readonly Rule[] = [
  createRule({
    id: 'events/restart-log',
    title: 'Every delivered event is in the log after the server was killed, with the same bytes, and ids go on.',
    source: 'PROTOCOL.md#1. **Log first.**',
    promise: 1,
    async run(world) {
      const session = await world.createSession();
      const before = await openSocket(world, session.path, { since: 0 });
      await submit(world, session, { type: 'user_message', content: '/plan' });
      await before.waitForEvent('turn_completed');
      await world.restart();
      const latest = before.events.at(-1)?.id ?? 0;
      const after = await openSocket(world, session.path, { since: latest });
      await submit(world, session, { type: 'interrupt' });
      await after.waitForEvent('submission_accepted');
      after.cut();
      expectIds(after, latest);
      await expectHistory(world, session.path, [...before.events, ...after.events], 0);
    },
  }),
  createRule({
    id: 'events/restart-acknowledged',
    title: 'Every submission that was acknowledged before the server was killed is in the log.',
    source: 'PROTOCOL.md#1. **Log first.**',
    promise: 1,
    async run(world) {
      const session = await world.createSession();
      const acknowledged: string[] = [];
      for (let n = 0; n < SUBMISSIONS_BEFORE_KILL; n += 1) {
        const submission_id = randomUUID();
        await submit(world, session, { type: 'interrupt', submission_id });
        acknowledged.push(submission_id);
      }
      const stop = new AbortController();
      const submitting = keepSubmitting(world, session, acknowledged, stop.signal);
      await world.restart().finally(() => stop.abort());
      await submitting;
      const log = await readLog(world, session);
      const ids = new Set(log.map(({ payload }) => payload.submission_id));
      const lost = acknowledged.find((id) => !ids.has(id));
      if (lost === undefined) return;
      throw new BrokenRule({ expected: `submission_accepted of ${lost}, which was answered 200`, got: 'none' });
    },
  }),
  createRule({
    id: 'events/restart-turn',
    title: 'A turn that ran when the server was killed ends failed, server_restarted; those that were queued run.',
    source: 'PROTOCOL.md#**The server is killed while a turn runs.**',
    promise: 4,
    async run(world) {
      const session = await world.createSession();
      const before = await openSocket(world, session.path);
      await submit(world, session, { type: 'user_message', content: '/wait' });
      const { turn_id } = (await before.waitForEvent('item_started')).payload;
      await submit(world, session, { type: 'user_message', content: '/refuse' });
      await world.restart();
      const after = await openSocket(world, session.path, { since: 0 });
      await after.waitForEvent('turn_completed', { turn_id, status: 'failed', cause: 'server_restarted' });
      await after.waitForEvent('turn_completed', { status: 'refused' });
      expectIds(after, 0);
      after.cut();
    },
  }),
  createRule({
    id: 'events/restart-approval',
    title: 'An approval that waited when the server was killed is resolved by the server.',
    source: 'PROTOCOL.md#what waited for an answer is resolved by',
    promise: 6,
    async run(world) {
      const session = await world.createSession();
      const before = await openSocket(world, session.path);
      await submit(world, session, { type: 'user_message', content: '/approve' });
      const { payload } = await before.waitForEvent('approval_requested');
      await world.restart();
      const after = await openSocket(world, session.path, { since: 0 });
      const { approval_id } = Object(payload.approval);
      await after.waitForEvent('approval_resolved', { approval_id, by: 'server' });
      await after.waitForEvent('turn_completed', { turn_id: payload.turn_id });
      after.cut();
    },
  }),
  createRule({
    id: 'events/restart-keys',
    title: 'Idempotency keys and submission ids are still known after the server was killed.',
    source: 'PROTOCOL.md#4. **Commands are idempotent.**',
    promise: 4,
    async run(world) {
      const session = await world.createSession();
      const key = randomUUID();
      const send = (submission: object) =>
        world.call({
          method: 'POST',
          path: `${session.path}/submit`,
          json: submission,
          headers: { 'Idempotency-Key': key },
        });
      const first = await send({ type: 'interrupt' });
      expectAnswer(first, { status: 200 });
      await world.restart();
      const again = await send({ type: 'interrupt' });
      expectAnswer(again, { status: 200, to: 'that was answered before' });
      const [event_id, repeated] = [first, again].map(({ json }) => find(json as Json, 'event_id'));
      const socket = await openSocket(world, session.path);
      if (repeated !== event_id) throw socket.broken({ expected: `event_id ${event_id}`, got: `${repeated}` });
      const other = await send({ type: 'interrupt', clear_queue: true });
      expectAnswer(other, { status: 409, code: 'IdempotencyConflict' });
      const id = socket.send('submission', { type: 'interrupt', submission_id: key });
      const { payload } = await socket.waitForError(id);
      if (payload.code !== 'DuplicateSubmission' || payload.event_id !== event_id) {
        const got = `${payload.code} with event_id ${payload.event_id}`;
        throw socket.broken({ expected: `DuplicateSubmission with event_id ${event_id}`, got });
      }
      socket.cut();
    },
  }),
];

function createRule(rule: Omit<Rule, 'level' | 'needs' | 'when'>): Rule {
  return { ...rule, level: 'full', needs: ['restart'], when: 'restart' };
}

/** Sends submissions one after another until it is told to stop, also while the server is down. */
async function keepSubmitting(
  world: World,
  { path }: TestSession,
  acknowledged: string[],
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const submission_id = randomUUID();
    const json = { type: 'interrupt', submission_id };
    const answer = await world.call({ method: 'POST', path: `${path}/submit`, json }).catch(() => undefined);
    if (answer?.status === 200) acknowledged.push(submission_id);
    else await wait(RETRY_DELAY);
  }
}

async function readLog(world: World, { path }: TestSession): Promise<readonly Frame[]> {
  const socket = await openSocket(world, path, { since: 0 });
  const latest = Number(socket.ack.payload.latest_event_id);
  await socket.wait(`event ${latest}`, ({ id }) => id === latest);
  socket.cut();
  return socket.events;
}
