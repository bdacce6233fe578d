import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { connectionsWithin } from './open-files.js';

it('connections leave a part of the files that may be open, whatever their number', () => {
  expect([1, 64, 256, 1_024, 4_096, 20_000].map(connectionsWithin)).toEqual([1, 1, 192, 768, 3_072, 18_976]);
  expect(connectionsWithin(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});

it('the number of files that may be open is that of the shell', () => {
  const file = createRequire(import.meta.url).resolve('../dist/open-files.js');
  const script = `import { openFileLimit } from ${JSON.stringify(file)}; console.log(openFileLimit())`;
  const command = 'ulimit -n 321 && exec "$@"';
  const args = ['-c', command, 'sh', process.execPath, '--input-type=module', '-e', script];
  expect(execFileSync('sh', args, { encoding: 'utf8' })).toBe('321\n');
});
