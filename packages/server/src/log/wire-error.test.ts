import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { LogError } from './event-log.js';
import { wireErrorOf } from './wire-error.js';

it('what the machine lacks now is Unavailable, with the reason', async () => {
  const full = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
  expect(wireErrorOf(full)).toMatchObject({ code: 'Unavailable', reason: 'The disk is full.', retryAfter: 10 });
});

it('so is a log that cannot be used; a fault of the server is neither', () => {
  expect(wireErrorOf(new LogError('unavailable', 'x'))).toMatchObject({ code: 'Unavailable', retryAfter: 1 });
  expect(wireErrorOf(new LogError('trimmed', 'x'))).toMatchObject({ code: 'CursorExpired' });
  expect(wireErrorOf(new LogError('conflict', 'x'))).toBeUndefined();
  expect(wireErrorOf(new TypeError('x'))).toBeUndefined();
});
