import { expect, test } from 'vitest';
import { wellFormedJson } from './well-formed.js';

test.each([
  ['"cut \\ud83d"', 'cut \ufffd'],
  ['"\\udc00 and \\uD83D"', '\ufffd and \ufffd'],
  ['"\\udc00\\ud83d"', '\ufffd\ufffd'],
  ['"\\ud83d\\ud83d\\ude00"', '\ufffd\u{1f600}'],
  ['"\\u0000"', '\ufffd'],
  ['"a whole \\ud83d\\ude00"', 'a whole \u{1f600}'],
  ['"a backslash \\\\ud83d"', 'a backslash \\ud83d'],
  ['"\\\\\\ud83d"', '\\\ufffd'],
  ['"\\ud83d\\n"', '\ufffd\n'],
])('%s', (json, text) => {
  expect(JSON.parse(wellFormedJson(json))).toBe(text);
});

test('names are texts too', () => {
  expect(JSON.parse(wellFormedJson('{"\\ud83d": [{"x": "\\udead"}]}'))).toEqual({ '\ufffd': [{ x: '\ufffd' }] });
});
