import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';

const compared = vi.hoisted(() => [] as [string, string][]);

// The real functions, with a note of what is compared.
vi.mock('node:crypto', async (load) => {
  const real = await load<typeof import('node:crypto')>();
  return {
    ...real,
    timingSafeEqual(a: Buffer, b: Buffer) {
      compared.push([a.toString(), b.toString()]);
      return real.timingSafeEqual(a, b);
    },
  };
});

// Test files share their modules: the server is loaded anew, over the changed `node:crypto`, and so is what comes after it.
beforeAll(() => vi.resetModules());

it('compares hashes of tokens, in constant time, however much of a token is right: no prefix can be measured', async () => {
  const { startServer } = await import('../../test/start-server.js');
  onTestFinished(() => void vi.resetModules());
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
