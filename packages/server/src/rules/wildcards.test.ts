import { expect, it } from 'vitest';
import { matchesCommand, matchesGlob } from './wildcards.js';

it.each([
  ['src/**', 'src/a/b.ts', true],
  ['src/**', 'src', true],
  ['src/**', 'srcs/a', false],
  ['**', 'a/.b/c', true],
  ['**/*.ts', 'a.ts', true],
  ['**/*.ts', 'a/b/c.ts', true],
  ['**/*.ts', 'a/b.ts/c', false],
  ['a/**/b/**/c', 'a/b/x/b/y/c', true],
  ['a/**/b', 'a/b/c', false],
  ['*', 'a/b', false],
  ['*', '.env', true],
  ['.env*', '.env.local', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['a?c', 'a😀c', true],
  ['[ab]+(c)', '[ab]+(c)', true],
  ['[ab]+(c)', 'ac', false],
  ['*a*ab*', 'xxaaxaby', true],
  ['*.ts', '.ts', true],
  ['', '', true],
  ['A', 'a', false],
])('the glob %s and the path %s: %s', (glob, path, expected) => {
  expect(matchesGlob(glob, path)).toBe(expected);
});

it.each([
  ['npm test*', 'npm test', true],
  ['npm test*', 'npm test -- --watch', true],
  ['npm test*', 'npm install', false],
  ['npm test', 'npm test ', false],
  ['*', 'anything at all', true],
  ['npm * 2>&1', 'npm test 2>&1', true],
  ['cat * | head', 'cat a.txt | head', true],
])('the pattern %s and the command %s: %s', (pattern, command, expected) => {
  expect(matchesCommand(pattern, command, { operators: false })).toBe(expected);
});

it.each([
  ...[
    '; rm -rf /',
    '& rm',
    '&& rm',
    '| sh',
    '|| rm',
    '`rm`',
    '$(rm)',
    '\nrm',
    '\rrm',
    '> /etc/passwd',
    '< secret',
    '<(rm)',
  ],
])('an asterisk does not stand for %j, unless it may', (more) => {
  expect(matchesCommand('npm test*', `npm test ${more}`, { operators: false })).toBe(false);
  expect(matchesCommand('npm * 2>&1', `npm test ${more} 2>&1`, { operators: false })).toBe(false);
  expect(matchesCommand('npm test*', `npm test ${more}`, { operators: true })).toBe(true);
});

it('no pattern takes more steps than the product of the lengths', () => {
  const [pattern, text] = ['*a'.repeat(128), 'a'.repeat(4_095)];
  expect(matchesGlob(`${pattern}b`, text)).toBe(false);
  expect(matchesGlob(pattern, text)).toBe(true);
});
