import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkLimits, LIMITS } from './limits.js';
import { OptionError } from './option-error.js';

const TABLE = new URL('../LIMITS.md', import.meta.url);
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe('the bounds of the server', () => {
  it('stand in LIMITS.md with their names, their defaults and what comes of reaching them', async () => {
    const rows = Object.entries(LIMITS).map(
      ([name, { value, what, end }]) =>
        `| \`${snake(name)}\` | ${value === null ? 'none' : value.toLocaleString('en')} | ${what} | ${end} |`,
    );
    const written = (await readFile(TABLE, 'utf8')).split('\n').filter((line) => line.startsWith('| `'));
    expect(written).toEqual(rows);
  });

  it('are the defaults unless others are given', () => {
    expect(checkLimits()).toMatchObject({ maxSessions: 1_000, maxEventAgeMs: undefined });
    expect(checkLimits({ maxSessions: 1, maxEventAgeMs: 5 })).toMatchObject({ maxSessions: 1, maxEventAgeMs: 5 });
  });

  it('are whole numbers that make sense, or the error says which is not, what was expected and what was got', () => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => checkLimits({ maxSessions: value })).toThrow(OptionError);
      expect(() => checkLimits({ maxSessions: value })).toThrow(`maxSessions to be a whole number from 1`);
    }
    expect(checkLimits({ maxHistoryPageEvents: 1_000 }).maxHistoryPageEvents).toBe(1_000);
    expect(() => checkLimits({ maxHistoryPageEvents: 1_001 })).toThrow('from 1 to 1000, got 1001');
    expect(() => checkLimits({ maxSesions: 1 } as object)).toThrow(/expected one of .*maxSessions.*, got maxSesions/);
  });
});
