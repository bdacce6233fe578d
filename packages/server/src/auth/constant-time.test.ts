import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../test/start-server.js';

it('compares hashes of tokens, in constant time, however much of a token is right: no prefix can be measured', async () => {
  const compared = noteComparisons();
  const { token, sendAs } = await startServer();
  const guesses = ['', 'x', token.slice(0, 20), token.slice(0, -1), `${token.slice(0, -1)}~`, `${token}A`, token];
  for (const guess of guesses) {
    compared.length = 0;
    const { status } = await sendAs({ authorization: `Bearer ${guess}` }, 'GET', '/api/sessions');
    expect(status).toBe(guess === token ? 200 : 401);
    expect(compared).toHaveLength(1);
    for (const text of compared.flat()) {
      expect(text).toMatch(/^[0-9a-f]{64}$/);
      expect(text).not.toContain(token);
    }
    expect(compared[0]?.[0] === compared[0]?.[1]).toBe(guess === token);
  }
});

/** @returns What is compared from now on, by the real function, up to the end of the test. */
function noteComparisons(): [string, string][] {
  const compared: [string, string][] = [];
  const real = crypto.timingSafeEqual;
  const replace = (compare: typeof real) => {
    crypto.timingSafeEqual = compare;
    syncBuiltinESMExports();
  };
  replace((a, b) => {
    compared.push([String(a), String(b)]);
    return real(a, b);
  });
  onTestFinished(() => replace(real));
  return compared;
}
