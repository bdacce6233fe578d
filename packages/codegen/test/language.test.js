import { describe, expect, it } from 'vitest';
import { findEscape, shortestMatch } from '../src/breaking/language.js';

describe('a text that gets past a pattern', () => {
  it.each([
    [/^[a-z]+$/u, /^[a-z0-9]+$/u],
    [/^image\/[a-z]+$/u, /^image\//u],
    [/^(?:a|b)$/u, /^[ab]$/u],
    [/^[0-9a-f]{8}$/u, /^[0-9a-f]{8}$/iu],
    [/b$/u, /b/u],
  ])('is not there for %s and %s', (pattern, other) => {
    expect(findEscape(pattern, other)).toBeUndefined();
  });

  it.each([
    [/^[a-z0-9]+$/u, /^[a-z]+$/u],
    [/^image\//u, /^image\/[a-z]+$/u],
    [/^[0-9a-f]{8}$/iu, /^[0-9a-f]{8}$/u],
    [/b/u, /b$/u],
    [/(?:)/u, /^parley_/u],
    [/^[^\\]*$/u, /^[^\\|]*$/u],
  ])('is found for %s and %s', (pattern, other) => {
    const text = findEscape(pattern, other);
    expect(text).toMatch(pattern);
    expect(text).not.toMatch(other);
  });

  it('is not looked for where a pattern is more than it can tell', () => {
    expect(() => findEscape(/^a$/u, /^a|b$/u)).toThrow('has alternatives: put them in parentheses');
    expect(() => findEscape(/^a$/u, /^(?!b)a$/u)).toThrow(/[Aa]ssertion/);
  });

  it('is the shortest that a pattern lets pass', () => {
    expect(shortestMatch(/^x{3}$/u)).toBe('xxx');
    expect(shortestMatch(/x/u)).toBe('x');
  });
});
