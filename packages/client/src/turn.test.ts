import type { Event } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../test/peer.js';
import { ITEM, notice, SESSION, TURN } from '../test/peer-session.js';
import { createClient } from './create-client.js';
import { TurnError, ValidationError } from './errors.js';
import type { Session } from './session.js';
import type { SessionEvent } from './stream/session-event.js';

const OTHER_TURN = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2fff';
const OTHER_ITEM = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f03';

let peer: Peer;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  const client = createClient({ baseUrl: peer.url, token: 'secret', backoff: { base: 1, max: 5 } });
  session = await client.sessions.get(SESSION);
});
afterEach(() => peer[Symbol.asyncDispose]());

const started: Event = { type: 'turn_started', turn_id: TURN, submission_id: 'x' };
const opened: Event = {
  type: 'item_started',
  turn_id: TURN,
  item: { type: 'agent_message', item_id: ITEM, content: [] },
};

function delta(text: string, turn_id = TURN): Event {
  return { type: 'item_delta', turn_id, item_id: ITEM, delta: { type: 'text', text } };
}

function message(text: string, item_id = ITEM, cut?: number): Event {
  const content = [{ type: 'text' as const, text, ...(cut && { truncated_bytes: cut }) }];
  return { type: 'item_completed', turn_id: TURN, item: { type: 'agent_message', item_id, content } };
}

function completed(status: 'completed' | 'interrupted' = 'completed', turn_id = TURN): Event {
  return { type: 'turn_completed', turn_id, submission_id: 'x', status, cause: 'end_turn' };
}

async function typesOf(events: AsyncIterable<SessionEvent>): Promise<string[]> {
  const types: string[] = [];
  for await (const event of events) types.push(event.type);
  return types;
}

describe('a turn', () => {
  test('reads from its submission_accepted to its turn_completed', async () => {
    peer.append(notice('before'));
    const turn = await session.submit('Hello');
    expect(turn).toMatchObject({ id: TURN, eventId: 3 });
    peer.append(started, notice('of the session'), delta('of another', OTHER_TURN), opened, completed());
    peer.append(notice('after'));
    expect(await typesOf(turn)).toEqual(['submission_accepted', 'turn_started', 'item_started', 'turn_completed']);
    expect(peer.sockets[0]?.since).toBe(2);
  });

  test('can be iterated again, from the log and without another socket', async () => {
    const turn = await session.submit('Hello');
    peer.append(started, completed());
    const first = await typesOf(turn);
    expect(await typesOf(turn)).toEqual(first);
    expect(await typesOf(turn)).toEqual(first);
    expect(peer.sockets).toHaveLength(1);
  });

  test('shares its socket with the other loops of the session', async () => {
    const events = session.events();
    const turn = await session.submit('Hello');
    peer.append(started);
    await Promise.all([events.next(), typesOf(turn), turn.completed(), turn.text(), finish()]);
    await events.return();
    expect(peer.sockets).toHaveLength(1);

    async function finish(): Promise<void> {
      await peer.socketCount(1);
      peer.append(completed());
    }
  });

  test('stays running when its loop is left, and can be read from the beginning again', async () => {
    const turn = await session.submit('Hello');
    peer.append(started);
    for await (const event of turn) if (event.type === 'turn_started') break;
    peer.append(completed());
    expect(await typesOf(turn)).toEqual(['submission_accepted', 'turn_started', 'turn_completed']);
    const submissions = peer.requests.filter(({ path }) => path.endsWith('/submit'));
    expect(submissions).toHaveLength(1);
  });

  test('stops being read when a signal is aborted, of the loop or of the submission, and is not interrupted', async () => {
    const ofSubmission = new AbortController();
    const turn = await session.submit('Hello', { signal: ofSubmission.signal });
    const ofLoop = new AbortController();
    const [first, second] = [turn.events({ signal: ofLoop.signal }), turn.events()];
    await Promise.all([first.next(), second.next()]);
    const [next, other] = [first.next(), second.next()];
    ofLoop.abort(new Error('loop'));
    await expect(next).rejects.toThrow('loop');
    ofSubmission.abort(new Error('submission'));
    await expect(other).rejects.toThrow('submission');
    expect(peer.requests.filter(({ path }) => path.endsWith('/submit'))).toHaveLength(1);
  });

  test('throws where its end cannot be read', async () => {
    const turn = await session.submit('Hello');
    peer.append({ type: 'turn_completed', turn_id: TURN } as { type: string });
    await expect(turn.completed()).rejects.toBeInstanceOf(ValidationError);
  });
});

describe('completed', () => {
  test('resolves for every status, before a loop, within it and after it', async () => {
    const turn = await session.submit('Hello');
    const before = turn.completed();
    peer.append(started, completed('interrupted'));
    expect(await before).toMatchObject({ id: 4, type: 'turn_completed', status: 'interrupted' });
    for await (const _ of turn) expect(await turn.completed()).toMatchObject({ status: 'interrupted' });
    expect(await turn.completed()).toMatchObject({ status: 'interrupted' });
  });

  test('reads on from where a loop was left', async () => {
    const turn = await session.submit('Hello');
    peer.append(started, opened);
    for await (const event of turn) if (event.type === 'item_started') break;
    const end = turn.completed();
    const second = await peer.socketCount(2);
    expect(second.since).toBe(4);
    peer.append(completed());
    expect((await end).status).toBe('completed');
  });
});

describe('text', () => {
  test('is what the agent said, before a loop, within it and after it', async () => {
    const turn = await session.submit('Hello');
    const before = turn.text();
    peer.append(started, opened, delta('Hel'), delta('lo'), message('Hello'));
    peer.append(message('Bye', OTHER_ITEM), completed());
    expect(await before).toBe('Hello\n\nBye');
    for await (const _ of turn) expect(await turn.text()).toBe('Hello\n\nBye');
    expect(await turn.text()).toBe('Hello\n\nBye');
  });

  test('is whole where the completed item had to be cut', async () => {
    const turn = await session.submit('Hello');
    peer.append(started, opened, delta('A long '), delta('answer'), message('A long', ITEM, 7), completed());
    expect(await turn.text()).toBe('A long answer');
  });

  test('is whole also where several loops read the turn at once', async () => {
    const turn = await session.submit('Hello');
    const loops = Promise.all([typesOf(turn), typesOf(turn), typesOf(turn)]);
    peer.append(started, opened, delta('A long '), delta('answer'), message('A long', ITEM, 7), completed());
    await loops;
    expect(await turn.text()).toBe('A long answer');
  });

  test('throws a TurnError unless the turn completed', async () => {
    const turn = await session.submit('Hello');
    peer.append(started, opened, delta('Hel'), completed('interrupted'));
    const error = await turn.text().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TurnError);
    expect(error).toMatchObject({ completed: { status: 'interrupted' } });
  });
});
