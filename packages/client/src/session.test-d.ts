import type { Session as SessionInfo, SubmitResponse, TurnCompletedEvent } from '@parleyhq/contract';
import { expectTypeOf, test } from 'vitest';
import { type Client, createClient, type EventPosition, type Session, type SessionEvent, type Turn } from './index.js';

declare const client: Client;
declare const session: Session;
declare const turn: Turn;

test('a message gives a turn, any other submission an answer', () => {
  expectTypeOf(session.submit('Hello')).resolves.toEqualTypeOf<Turn>();
  expectTypeOf(session.submit([{ type: 'text', text: 'Hello' }])).resolves.toEqualTypeOf<Turn>();
  expectTypeOf(session.submit({ type: 'user_message', content: 'Hello' })).resolves.toEqualTypeOf<Turn>();
  expectTypeOf(session.submit({ type: 'interrupt' })).resolves.toEqualTypeOf<SubmitResponse>();
  // @ts-expect-error: no submission of the contract
  void session.submit({ type: 'shout', content: 'Hello' });
});

test('events narrow by their type, and each has its place', async () => {
  for await (const event of session.events()) {
    expectTypeOf(event).toEqualTypeOf<SessionEvent>();
    expectTypeOf(event.id).toEqualTypeOf<number>();
    if (event.type === 'turn_completed') expectTypeOf(event).toExtend<TurnCompletedEvent & EventPosition>();
    if (event.type === 'unknown') expectTypeOf(event.reason).toEqualTypeOf<'unknown_type' | 'invalid'>();
    if (event.type === 'item_delta' && event.delta.type === 'text') expectTypeOf(event.delta.text).toBeString();
    // @ts-expect-error: no event of the contract
    if (event.type === 'shouted') break;
  }
});

test('a turn is read as events, as its end and as text', () => {
  expectTypeOf(turn).toExtend<AsyncIterable<SessionEvent>>();
  expectTypeOf(turn.completed()).resolves.toExtend<TurnCompletedEvent>();
  expectTypeOf(turn.text()).resolves.toBeString();
});

test('an approval takes a decision or one of its options', () => {
  void session.approve('id', 'reject_always');
  void session.approve('id', { option_id: 'allow' });
  // @ts-expect-error: no decision of the contract
  void session.approve('id', 'perhaps');
});

test('client.http knows every path, its parameters and its answers', async () => {
  const result = await client.http.GET('/api/sessions/{session_id}', { params: { path: { session_id: 'id' } } });
  if (result.data) expectTypeOf(result.data).toEqualTypeOf<SessionInfo>();
  else expectTypeOf(result.error.message).toBeString();
  // @ts-expect-error: no path of the contract
  void client.http.GET('/api/nothing');
  // @ts-expect-error: the parameter is missing
  void client.http.GET('/api/sessions/{session_id}');
  // @ts-expect-error: cwd is missing
  void client.http.POST('/api/sessions', { body: { model: 'm' } });
});

test('a token is a string or a function that gives one, perhaps later', () => {
  createClient({ baseUrl: '', token: 'secret' });
  createClient({ baseUrl: '', token: async () => 'secret' });
  createClient({ baseUrl: '', WebSocket: globalThis.WebSocket, fetch: globalThis.fetch, logger: console });
  createClient({ baseUrl: '', token: () => 'secret' });
  // @ts-expect-error: no string
  createClient({ baseUrl: '', token: () => 1 });
  // @ts-expect-error: where is the server?
  createClient({ token: 'secret' });
});
