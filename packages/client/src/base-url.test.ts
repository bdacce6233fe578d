import { expect, test } from 'vitest';
import { toBaseUrl } from './base-url.js';

test.each([
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['HTTPS://Example.org:443/', 'https://example.org'],
  ['http://h/parley/', 'http://h/parley'],
  ['http://h/parley//', 'http://h/parley'],
  ['http://h//a///b', 'http://h/a/b'],
  ['http://h/a/../b', 'http://h/b'],
  ['http://[::1]:8080/?#', 'http://[::1]:8080'],
])('%s is the base URL %s', (given, expected) => {
  expect(toBaseUrl(given)).toBe(expected);
});

test.each([
  ['http://h/parley/?tenant=secret', 'such as http://h/parley/, got one with a query'],
  ['http://h/#secret', 'such as http://h/, got one with a hash'],
  ['http://user:secret@h', 'such as http://h/, got one with credentials'],
  ['http://secret@h', 'such as http://h/, got one with credentials'],
  ['ws://h:8080/secret', 'such as http://h:8080, got ws:'],
  ['wss://h', 'such as https://h, got wss:'],
  ['localhost:8080', 'such as http://localhost:8080, got localhost:'],
  ['file:///secret', 'such as http://127.0.0.1:8080, got file:'],
  ['127.0.0.1:8080', 'such as http://127.0.0.1:8080, got "127.0.0.1:8080"'],
  ['/parley', 'such as http://127.0.0.1:8080, got "/parley"'],
  ['', 'such as http://127.0.0.1:8080, got ""'],
  ['http://user:secret@:80', 'got "http://…@:80"'],
])('%s is refused, and what may be a secret is not repeated', (given, expected) => {
  const refuse = () => toBaseUrl(given);
  expect(refuse).toThrow(TypeError);
  expect(refuse).toThrow('baseUrl: expected');
  expect(refuse).toThrow(expected);
  expect(refuse).not.toThrow('secret');
});

test('what is no string is refused', () => {
  expect(() => toBaseUrl(undefined as unknown as string)).toThrow('got undefined');
});
