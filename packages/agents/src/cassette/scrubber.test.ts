import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { CassetteEntry } from './cassette.js';
import { createScrubber } from './scrubber.js';

const env = { HOME: '/home/ada', VENDOR_API_KEY: 'open sesame 42', MODE_TOKEN: 'short', EDITOR: 'not a secret' };

/** What is left of messages on the tape. */
function scrub(messages: readonly object[], cwd?: string): unknown[] {
  const written: CassetteEntry[] = [];
  const scrubber = createScrubber(env, (entry) => written.push(entry));
  if (cwd !== undefined) scrubber.learnCwd(cwd);
  for (const message of messages) scrubber.take({ t: 0, from: 'agent', message: message as Record<string, unknown> });
  scrubber.flush();
  return written.map((entry) => ('message' in entry ? entry.message : entry));
}
const scrubText = (text: string, cwd?: string) => (scrub([{ text }], cwd) as { text: string }[])[0]?.text;
const piece = (text: string, sessionUpdate = 'agent_message_chunk') => ({
  method: 'session/update',
  params: { sessionId: 's', update: { sessionUpdate, content: { type: 'text', text } } },
});
const pieces = (texts: readonly string[]) =>
  scrub(texts.map((text) => piece(text))).map(
    (message) => (message as ReturnType<typeof piece>).params.update.content.text,
  );

describe('a secret is taken out', () => {
  test.each([
    ['the key is open sesame 42.', 'the key is [redacted].'],
    ['sk-ant-api03-abcdefghijklmnop', '[redacted]'],
    ['use ghp_abcdefghijklmnopqrstuvwxyz now', 'use [redacted] now'],
    ['AKIAABCDEFGHIJKLMNOP', '[redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[redacted]'],
    ['Authorization: Bearer abc', 'Authorization: Bearer [redacted]'],
    ['curl -H "authorization: Basic QTpC" x', 'curl -H "authorization: Basic [redacted]" x'],
    ['Bearer 0123456789abcdef', 'Bearer [redacted]'],
    ['postgres://ada:pw@db/x', 'postgres://ada:[redacted]@db/x'],
    ['GITHUB_TOKEN=abcdefgh next', 'GITHUB_TOKEN=[redacted] next'],
    ['{"client_secret": "abcdefgh"}', '{"client_secret": "[redacted]"}'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\n', '[redacted]\n'],
  ])('from %j', (text, clean) => {
    expect(scrubText(text)).toBe(clean);
  });

  test('from properties whose name says so, from variables and from headers', () => {
    const told = {
      apiKey: 'a',
      nested: [{ 'access-token': ['b'], Authorization: 'c' }],
      env: [{ name: 'DB_PASSWORD', value: 'd' }],
      headers: [{ name: 'X-Api-Key', value: 'e' }],
    };
    expect(scrub([told])).toEqual([
      {
        apiKey: '[redacted]',
        nested: [{ 'access-token': ['[redacted]'], Authorization: '[redacted]' }],
        env: [{ name: 'DB_PASSWORD', value: '[redacted]' }],
        headers: [{ name: 'X-Api-Key', value: '[redacted]' }],
      },
    ]);
  });

  test('that comes in pieces, each of which is harmless', () => {
    expect(pieces(['It is sk-', 'proj-abcdefg', 'hijklmnopq', ', see?'])).toEqual(['It is [redacted], see?']);
    expect(pieces([' ghp_abcdefghij', 'klmnopqrstuv', ' ok', '.'])).toEqual([' [redacted]', ' ok', '.']);
  });
});

test('text without a secret stays as it is, in its pieces', () => {
  const messages = [
    { text: 'Bearer of bad news; Basic functionality; not a secret; short; task-force; const token = next()' },
    { usage: { inputTokens: 5 }, key: 'a', author: 'b', tokens: 'c' },
    ...['Hel', 'lo', ' world', '排序'].map((text) => piece(text)),
    piece('Hm', 'agent_thought_chunk'),
  ];
  expect(scrub(messages)).toEqual(messages);
});

test.each(['a.', 'eyJ-', 'KEY', 'Authorization', '-----BEGIN ', 'a://', '/home/ada', 'Bearer '])(
  'a text of a million %j comes through in its time',
  (text) => {
    expect(scrubText(text.repeat(1_000_000), '/home/ada/p')?.length).toBeGreaterThan(1_000_000);
  },
);

describe('a folder of this machine', () => {
  test('is a placeholder: where the conversation works, and the home', () => {
    const text = 'in /home/ada/p/a.ts, --- a/home/ada/p/a.ts, file:///home/ada/p, /home/ada/p. And /home/ada/.x';
    expect(scrubText(text, '/home/ada/p')).toBe(
      'in {{parley.cwd}}/a.ts, --- a{{parley.cwd}}/a.ts, file://{{parley.cwd}}, {{parley.cwd}}. And {{parley.home}}/.x',
    );
  });

  test('is not part of another that begins or ends like it', () => {
    const text = '/home/ada/project /old/home/ada /home/adam /home/ada.old';
    expect(scrubText(text, '/home/ada/p')).toBe('{{parley.home}}/project /old/home/ada /home/adam /home/ada.old');
  });

  test('is known by the place that its link leads to', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-')));
    symlinkSync(folder, `${folder}-link`);
    expect(scrubText(`${folder}/a ${folder}-link/b`, `${folder}-link`)).toBe('{{parley.cwd}}/a {{parley.cwd}}/b');
    rmSync(`${folder}-link`);
    rmSync(folder, { recursive: true });
  });
});
