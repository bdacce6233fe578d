import { expect, test } from 'vitest';
import { chunk } from '../../test/mapping.js';
import { createReplay } from './replay.js';

const LONG = 3_600_000;
const never = new AbortController().signal;
const question = (text: string) => chunk(text, 'user_message_chunk');

test('an agent that has resumed nothing repeats nothing', async () => {
  const replay = createReplay(LONG);
  replay.answered();
  expect(replay.has(question('x'))).toBe(false);
  replay.begin();
  replay.none(); // it did not know the conversation
  replay.answered();
  expect(replay.has(chunk('x'))).toBe(false);
  await replay.over(never);
});

test('what comes before the answer is repeated, and what follows it is new', async () => {
  const replay = createReplay(LONG);
  replay.begin();
  expect(replay.has(chunk('old'))).toBe(true);
  replay.answered();
  await replay.over(never);
  expect(replay.has(chunk('new'))).toBe(false);
});

test('an agent that repeats nothing before its answer may do so after it, until it has been silent', async () => {
  const replay = createReplay(20);
  replay.begin();
  replay.answered();
  expect(replay.has(chunk('old'))).toBe(true);
  await replay.over(never);
  expect(replay.has(chunk('new'))).toBe(false);
});

test('a question that is not the message begins a replay, also in the turn', () => {
  const replay = createReplay(LONG);
  replay.begin();
  replay.has(chunk('old'));
  replay.answered();
  replay.prompted('what now?');
  expect(replay.has(question('what'))).toBe(false);
  expect(replay.has(question('and before?'))).toBe(true);
  expect(replay.has(chunk('old'))).toBe(true);
  replay.end();
  expect(replay.has(question('and before?'))).toBe(false);
});

test('nobody waits for its end who has been told to stop', async () => {
  const replay = createReplay(LONG);
  replay.begin();
  replay.answered();
  const stop = new AbortController();
  const over = replay.over(stop.signal);
  stop.abort();
  await over;
});
