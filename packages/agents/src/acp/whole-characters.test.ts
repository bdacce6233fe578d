import { expect, test } from 'vitest';
import { pieceOf } from '../cassette/text-piece.js';
import { createWholeCharacters } from './whole-characters.js';

const say = (text: string, sessionUpdate = 'agent_message_chunk') => ({
  method: 'session/update',
  params: { sessionId: 's', update: { sessionUpdate, content: { type: 'text', text } } },
});

/** The texts that are passed on for these messages. */
function passed(...messages: object[]): (string | undefined)[] {
  const characters = createWholeCharacters();
  const all = messages.flatMap((message) => characters.pass(message as Record<string, unknown>));
  return [...all, ...characters.rest()].map((message) => pieceOf(message)?.text);
}

test('a character that comes in two pieces is whole', () => {
  expect(passed(say('so \ud83d'), say('\ude00!'))).toEqual(['so ', '\u{1f600}!']);
  expect(passed(say('\ud83d'), say('\ude00'))).toEqual(['\u{1f600}']);
  expect(passed(say('\ud83d'), say('\ude00\ud83d'), say('\ude01'))).toEqual(['\u{1f600}', '\u{1f601}']);
});

test('a half without the other one is U+FFFD, in its place', () => {
  expect(passed(say('cut \ud83d'))).toEqual(['cut ', '\ufffd']);
  expect(passed(say('\ud83d'), say('x'))).toEqual(['\ufffd', 'x']);
  expect(passed(say('\ud83d'), say('\ude00', 'agent_thought_chunk'))).toEqual(['\ufffd', '\ufffd']);
  expect(passed(say('\ude00 and \ud83d\ud83d\ude00'))).toEqual(['\ufffd and \ufffd\u{1f600}']);
  expect(passed(say('\ud83d'), { id: 1, result: {} })).toEqual(['\ufffd', undefined]);
});

test('so it is in everything else that is said, and NUL too', () => {
  const { pass } = createWholeCharacters();
  const title = 'grep \udc00';
  expect(pass({ params: { toolCall: { title, rawInput: { '\ud83d': 'a\0b' } } } })).toEqual([
    { params: { toolCall: { title: 'grep \ufffd', rawInput: { '\ufffd': 'a\ufffdb' } } } },
  ]);
});
