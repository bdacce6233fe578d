import { expect, test } from 'vitest';

import { parseCassette } from './parse-cassette.js';

const header = '{"cassette":1,"recorded_at":0,"agent":"x"}';

test('a cassette is its header and its entries, with their lines', () => {
  const text = `${header}\n\n{"t":1,"from":"agent","text":"hm"}\n{"t":2,"exit":{"code":0,"signal":null},"new":1}\n`;
  expect(parseCassette(text, 'a.jsonl')).toEqual({
    agent: 'x',
    entries: [
      { line: 3, entry: { t: 1, from: 'agent', text: 'hm' } },
      { line: 4, entry: { t: 2, exit: { code: 0, signal: null } } },
    ],
  });
});

test('a last line that its recorder did not end is passed over', () => {
  expect(parseCassette(`${header}\n{"t":1,"from":"ag`, 'a.jsonl').entries).toEqual([]);
});

test.each([
  ['', 'a.jsonl:1: expected the header of a cassette'],
  ['what?\n', 'a.jsonl:1: expected the header of a cassette'],
  ['{"t":1}\n', 'a.jsonl:1: expected the header of a cassette, {"cassette":1,…}'],
  ['{"cassette":2}\n', 'a.jsonl:1: expected a cassette of version 1, got 2'],
  [`${header}\n{"t":1,"from":\n`, 'a.jsonl:2: expected a JSON object, got {"t":1,"from":'],
  [`${header}\n[]\n`, 'a.jsonl:2: expected a JSON object, got []'],
  [`${header}\n{"t":-1,"from":"agent","text":""}\n`, 'a.jsonl:2: expected an entry of a cassette, got {"t":-1,'],
  [`${header}\n{"t":1,"from":"me","text":""}\n`, 'a.jsonl:2: expected an entry of a cassette, got {"t":1,"from":"me"'],
  [`${header}\n{"t":1,"exit":{}}\n`, 'a.jsonl:2: expected an entry of a cassette, got {"t":1,"exit":{}}'],
])('what is no cassette says where and why: %j', (text, message) => {
  expect(() => parseCassette(text, 'a.jsonl')).toThrow(message);
});
