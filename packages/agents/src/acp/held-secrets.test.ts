import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';

import { createSecretGuard } from './held-secrets.js';

const SECRET = 'sk-ant-0123456789';

const piece = (text: string, sessionUpdate = 'agent_message_chunk') => ({
  method: 'session/update',
  params: { sessionId: 's', update: { sessionUpdate, content: { type: 'text', text } } },
});

/** What is told of messages, the texts of pieces alone. */
function tell(...messages: readonly Record<string, unknown>[]) {
  const guard = createSecretGuard([SECRET, 'sk-"quoted"']);
  const lines = messages.map((message) => JSON.parse(guard.clean(JSON.stringify(message))));
  const told = [...lines.flatMap((message) => guard.pass(message)), ...guard.rest()];
  return told.map((message) => (message as ReturnType<typeof piece>).params?.update?.content?.text ?? message);
}

describe('a secret is not told', () => {
  test('whole, wherever it stands', () => {
    expect(tell(piece(`the key is ${SECRET}.`))).toEqual(['the key is [redacted].']);
    expect(tell({ id: 1, error: { message: 'no', data: { details: `sk-"quoted"` } } })).toEqual([
      { id: 1, error: { message: 'no', data: { details: '[redacted]' } } },
    ]);
  });

  itInAll('however its characters are escaped, and nothing else changes', () => {
    const escaped = (text: string) =>
      [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const guard = createSecretGuard([SECRET, 'with/slash', 'sk-"quoted"']);
    for (const secret of [SECRET, 'with/slash', 'sk-"quoted"']) {
      for (const text of [escaped(secret), secret.replaceAll('"', '\\"').replace('s', '\\u0073').replace('/', '\\/')]) {
        expect(guard.clean(`{"title":"${text}","${text}":1}`)).toBe('{"title":"[redacted]","[redacted]":1}');
      }
    }
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const ascii = JSON.stringify(texts)
          .replace(/[\u007f-\uffff]/g, (one) => escaped(one))
          .replaceAll('/', '\\/');
        expect(JSON.parse(guard.clean(ascii))).toEqual(texts);
      }),
    );
  });

  test('with a character of two halves, both of them escaped', () => {
    const guard = createSecretGuard(['sk-😀-0123456789']);
    expect(guard.clean('["sk-\\uD83D\\ude00-0123456789","sk-😀-0123456789"]')).toBe('["[redacted]","[redacted]"]');
  });

  test('but a text that only names its escapes stays, and a backslash keeps what it belongs to', () => {
    const guard = createSecretGuard(['name-of-a-secret']);
    for (const line of [String.raw`["\\u006eame-of-a-secret"]`, String.raw`["\name-of-a-secret"]`]) {
      expect(guard.clean(line)).toBe(line);
    }
    expect(guard.clean(String.raw`["\\name-of-a-secret"]`)).toBe(String.raw`["\\[redacted]"]`);
  });

  itInAll('in pieces of any size', () => {
    for (let size = 1; size <= SECRET.length + 4; size += 1) {
      const text = `so s${SECRET}sk-`;
      const pieces = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      expect(tell(...pieces.map((part) => piece(part))).join(''), `${size}`).toBe('so s[redacted]sk-');
    }
  });

  test('for the most part, when the agent breaks off within it', () => {
    expect(tell(piece(`so ${SECRET.slice(0, 8)}`))).toEqual(['so ', '[redacted]']);
  });
});

test('everything else passes in its order, and what looked like a beginning is told before what follows', () => {
  const other = { id: 1, result: {} };
  expect(tell(piece('ask'), other, piece('sk-'), piece('x', 'agent_thought_chunk'), piece('risk'))).toEqual([
    'a',
    'sk',
    other,
    'sk-',
    'x',
    'ri',
    'sk',
  ]);
});
