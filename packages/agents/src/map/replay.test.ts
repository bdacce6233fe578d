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

test.each([
  ['has begun before its answer', 1],
  ['has not begun yet', 0],
])('an agent that %s may repeat more after it', (_, before) => {
  const replay = createReplay(LONG);
  replay.begin();
  for (let said = 0; said < before; said += 1) expect(replay.has(chunk('old'))).toBe(true);
  replay.answered();
  expect(replay.has(chunk('old'))).toBe(true);
});

test('what follows a silence is new', async () => {
  const replay = createReplay(20);
  replay.begin();
  expect(replay.has(chunk('old'))).toBe(true);
  replay.answered();
  await replay.over(never);
  expect(replay.has(chunk('new'))).toBe(false);
});

test('a question that is not the message begins a replay, also in the turn', async () => {
  const replay = createReplay(LONG);
  replay.begin();
  replay.answered();
  const given = AbortSignal.abort(); // nobody waits any longer
  await replay.over(given);
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
