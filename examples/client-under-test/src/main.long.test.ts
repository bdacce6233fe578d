import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { verifyClient } from '@parleyhq/conformance';
import { expect, it } from 'vitest';

const command = `'${execPath}' '${fileURLToPath(new URL('../dist/main.js', import.meta.url))}'`;

it.each([1, 2])('the SDK keeps every rule for clients, with seed %i', async (seed) => {
  const { outcomes, verdict } = await verifyClient({ command, seed });
  expect(outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(verdict.exitCode).toBe(0);
});
