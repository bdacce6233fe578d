import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { verifyClient } from '@parleyhq/conformance';
import { expect, it } from 'vitest';

const command = `'${execPath}' '${fileURLToPath(new URL('../dist/main.js', import.meta.url))}'`;

it('the SDK keeps every rule for clients', async () => {
  const { outcomes, verdict } = await verifyClient({ command });
  expect(outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(verdict.exitCode).toBe(0);
});
