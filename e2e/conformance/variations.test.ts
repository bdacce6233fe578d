import { nameOf, verify } from '@parleyhq/conformance';
import { expect, test } from 'vitest';
import { isLong, sample, seed } from './form.js';
import { verifyThrough } from './judge-mutant.js';
import { startServer } from './server.js';
import { legalVariations } from './variations/legal-variations.js';

test('there are 25 legal variations, each with a title of its own', () => {
  expect(new Set(legalVariations.map(({ title }) => title)).size).toBe(25);
});

test.each(sample(legalVariations, 1))('a server passes that has $title', async ({ create }) => {
  const server = await startServer();
  try {
    const { verdict, outcomes } = await verifyThrough(server, create(), { seed });
    const failed = outcomes.filter(({ status }) => status !== 'passed');
    expect(failed.map(({ rule, status, reason, failures }) => [nameOf(rule), status, reason, failures])).toEqual([]);
    expect(verdict).toMatchObject({ reached: 'full', exitCode: 0 });
  } finally {
    await server.close();
  }
});

// The short form has it pass through a proxy that changes nothing.
if (isLong) {
  test('the server itself passes ten times in a row, each time with another seed', async () => {
    const server = await startServer();
    try {
      for (let run = 0; run < 10; run += 1) {
        const { token, token2, restart, project: cwd } = server;
        const url = `http://127.0.0.1:${server.port}`;
        const options = { url, token, token2, restart, cwd, level: 'full', seed: seed + run } as const;
        const { verdict, outcomes } = await verify(options);
        const failed = outcomes.filter(({ status }) => status !== 'passed').map(({ rule }) => nameOf(rule));
        expect({ run, failed, exitCode: verdict.exitCode }).toEqual({ run, failed: [], exitCode: 0 });
      }
    } finally {
      await server.close();
    }
  });
}
