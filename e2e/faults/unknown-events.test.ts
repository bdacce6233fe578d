import { createClient, type SessionEvent } from '@parleyhq/client';
import { expect, test } from 'vitest';
import { startPeer } from '../../packages/client/test/peer.js';
import { notice, SESSION } from '../../packages/client/test/peer-session.js';
import { createRandom, type Random } from '../shared/random.js';
import { inForm, seed } from './form.js';

const RUNS = inForm({ brief: 2, short: 20, long: 200 });
const EVENTS = 300;

/** Payloads that no strict sender sends, and what a reader has to make of each. */
const strange: readonly [Strange, ...Strange[]] = [
  { payload: { type: 'from_the_future' }, as: 'unknown_type' },
  { payload: { type: 'from_the_future', deep: [{ nested: { things: [null, 1, '请帮我'] } }] }, as: 'unknown_type' },
  { payload: { type: '' }, as: 'unknown_type' },
  { payload: { type: 'notice' }, as: 'invalid' },
  { payload: { type: 'notice', level: 5, code: null, message: [] }, as: 'invalid' },
  { payload: { type: 'item_completed', turn_id: 'none', item: 'none' }, as: 'invalid' },
  { payload: { type: 'session_created' }, as: 'invalid' },
  { payload: { type: 'turn_completed', turn_id: null }, as: 'invalid' },
];

interface Strange {
  readonly payload: { readonly type: string; readonly [name: string]: unknown };
  readonly as: 'unknown_type' | 'invalid';
}

test(`events that the SDK cannot read come as unknown, in their place, on the same connection (seed ${seed})`, async () => {
  const random = createRandom(seed);
  for (let run = 1; run <= RUNS; run += 1) await readMixture(random.fork(run));
});

async function readMixture(random: Random): Promise<void> {
  await using peer = await startPeer();
  await using client = createClient({ baseUrl: peer.url, token: 'secret' });
  const session = await client.sessions.get(SESSION);
  const sent: (Strange | undefined)[] = [];
  const append = () => {
    const one = random.chance(0.5) ? random.pick(strange) : undefined;
    sent.push(one);
    return peer.append(one?.payload ?? notice(sent.length));
  };
  for (let already = random.integer(0, EVENTS); already > 0; already -= 1) append();

  const stream = session.events({ after: 1 });
  const got: SessionEvent[] = [];
  while (got.length < EVENTS) {
    while (sent.length < Math.min(EVENTS, got.length + random.integer(1, 10))) append();
    const { value } = await stream.next();
    if (value === undefined) throw new Error('the stream has ended');
    got.push(value);
    expect(stream.cursor, 'the cursor moves').toBe(value.id - 1);
  }
  expectMixture(got, sent);
  expect(peer.sockets.length, 'there was one connection').toBe(1);

  const logged: SessionEvent[] = [];
  for await (const event of session.history({ after: 1, pageSize: random.integer(1, 100) })) logged.push(event);
  expectMixture(logged.slice(0, EVENTS), sent);
}

function expectMixture(got: readonly SessionEvent[], sent: readonly (Strange | undefined)[]): void {
  expect(got.map(({ id }) => id)).toEqual(Array.from({ length: EVENTS }, (_, index) => index + 2));
  for (const [index, event] of got.entries()) {
    const one = sent[index];
    if (one === undefined) expect(event).toMatchObject({ type: 'notice', message: String(index + 1) });
    else expect(event).toMatchObject({ type: 'unknown', reason: one.as, raw: one.payload });
  }
}
