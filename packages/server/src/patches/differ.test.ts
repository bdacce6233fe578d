import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import type { PlannedFile } from '../workspace/planned-file.js';
import { createDiffer } from './differ.js';

function openDiffer(limits: Partial<Parameters<typeof createDiffer>[0]> = {}) {
  const differ = createDiffer({ diffTimeoutMs: 30_000, maxPatchBytes: 1e6, ...limits });
  onTestFinished(() => differ.close());
  return differ;
}

const planned = (before: string | null, after: string): PlannedFile => ({
  path: 'a.txt',
  absolute: '/a.txt',
  before: before === null ? null : Buffer.from(before),
  after: Buffer.from(after),
  exists: before !== null,
  tooLarge: false,
  exact: true,
  snippets: [],
  problem: undefined,
});

/** Two texts that have no line in common: to compare them takes a second at least. */
const numbers = (from: number) => Array.from({ length: 20_000 }, (_, n) => `${from + n}\n`).join('');
it('the event loop goes on while a diff is made, and one of the same content is not made again', async () => {
  const differ = openDiffer({ maxPatchBytes: 1e7 });
  const slow = planned(numbers(0), numbers(1e6));
  let ticks = 0;
  const ticking = setInterval(() => (ticks += 1), 1);
  onTestFinished(() => clearInterval(ticking));
  const first = await differ.diff(async () => slow);
  expect(first.file).toMatchObject({ additions: 20_000, deletions: 20_000 });
  expect(ticks).toBeGreaterThan(50);
  expect((await differ.diff(async () => ({ ...slow }))).diff).toBe(first.diff);
});

itInAll('a diff that takes too long is given up, once for each content, and the next file has its own', async () => {
  const differ = openDiffer({ diffTimeoutMs: 2_000, maxPatchBytes: 1e7 });
  const snippets = Array.from({ length: 10 }, (_, n) => ({
    oldText: numbers(n * 1e6),
    newText: numbers((n + 20) * 1e6),
  }));
  const slow = { ...planned('a\n', 'b\n'), snippets, exact: false };
  expect(await differ.diff(async () => slow)).toMatchObject({
    file: { change: 'modified', omitted: 'too_large' },
    diff: '',
  });
  const again = differ.diff(async () => slow);
  const next = differ.diff(async () => planned('a\n', 'b\n'));
  expect((await again).file.omitted).toBe('too_large');
  expect((await next).diff).toContain('+b\n');
});

it('one file after another is read', async () => {
  const differ = openDiffer();
  let open = 0;
  const read = async () => {
    open += 1;
    expect(open).toBe(1);
    await delay(1);
    open -= 1;
    return planned(null, `${Math.random()}`);
  };
  await Promise.all(Array.from({ length: 5 }, () => differ.diff(read)));
});

it('a file that cannot be read fails alone', async () => {
  const differ = openDiffer();
  await expect(differ.diff(() => Promise.reject(new Error('unreadable')))).rejects.toThrow('unreadable');
  expect((await differ.diff(async () => planned(null, 'x\n'))).diff).toContain('+x\n');
});

itInAll('does not wait at its end for diffs that are being made', async () => {
  const differ = openDiffer();
  const all = Array.from({ length: 20 }, (_, n) =>
    differ.diff(async () => planned(numbers(n * 1e6), numbers(1e8 + n * 1e6))),
  );
  await all[0];
  await differ.close();
  expect((await Promise.all(all)).filter(({ file }) => file.omitted === undefined).length).toBeLessThan(20);
});
