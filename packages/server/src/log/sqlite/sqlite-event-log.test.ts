import { beforeEach, describe, expect, test } from 'vitest';
import { itInAll } from '../../../../../scripts/test-forms.js';
import { ALL, entries, entry, type OpenedLog, openLog } from '../../../test/open-log.js';

let file: OpenedLog;
beforeEach(async () => {
  file = await openLog();
});

describe('appending', () => {
  test('gives back the same text, also after the log was closed and opened again', async () => {
    const written = [entry(1, '请帮我实现一个排序函数 🦜'), entry(2, 'line\nbreak \u2028 \u0000'), entry(3, '\ud800')];
    await file.log.append('s', 0, written);
    expect(await file.log.read('s', 0, ALL)).toEqual(written);
    await file.reopen();
    expect(await file.log.read('s', 0, ALL)).toEqual(written);
  });

  test('is refused when the log does not end where the writer believes', async () => {
    await file.log.append('s', 0, entries(1, 3));
    await expect(file.log.append('s', 4, entries(5, 5))).rejects.toMatchObject({
      name: 'LogError',
      reason: 'conflict',
    });
    await expect(file.log.append('s', 1, entries(2, 2, 'other'))).rejects.toMatchObject({ reason: 'conflict' });
    await expect(file.log.append('s', 2, entries(3, 4))).rejects.toMatchObject({ reason: 'conflict' });
    expect(await file.ids('s', 0)).toEqual([1, 2, 3]);
  });

  test('may be repeated with the same bytes, in whatever groups they came', async () => {
    await file.log.append('s', 0, entries(1, 3));
    await file.log.append('s', 3, entries(4, 9));
    await file.log.append('s', 3, entries(4, 9));
    await file.log.append('s', 1, entries(2, 7));
    expect(await file.ids('s', 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  itInAll('refuses one append of a group and keeps the others', async () => {
    const outcomes = await Promise.allSettled([
      file.log.append('a', 0, entries(1, 2)),
      file.log.append('b', 5, entries(6, 6)),
      file.log.append('a', 2, entries(3, 3)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await file.ids('a', 0)).toEqual([1, 2, 3]);
    expect(await file.log.bounds('b')).toBeUndefined();
  });

  test('keeps nothing of a group that could not be written, and takes it again', async () => {
    // A record that no row can hold stands for any error of the storage in the middle of a commit.
    const broken = { account: 'me', operation: 'submit', key: null as never, bodyHash: 'hash', answer: '{}' };
    const outcomes = await Promise.allSettled([
      file.log.append('a', 0, entries(1, 2)),
      file.log.append('b', 0, [{ ...entry(1, 'x'), idempotency: broken }]),
    ]);
    expect(outcomes).toMatchObject([{ reason: { reason: 'unavailable' } }, { reason: { reason: 'unavailable' } }]);
    expect(await file.log.bounds('a')).toBeUndefined();
    await file.log.append('a', 0, entries(1, 2, 'other'));
    await file.reopen();
    expect(await file.log.read('a', 0, ALL)).toEqual(entries(1, 2, 'other'));
    expect(await file.log.sessions()).toEqual(['a']);
  });

  itInAll('takes thousands of appends that do not wait for each other', async () => {
    const appends: Promise<void>[] = [];
    for (let id = 1; id <= 3_000; id += 1) {
      appends.push(file.log.append('a', id - 1, entries(id, id)), file.log.append('b', id - 1, entries(id, id)));
    }
    await Promise.all(appends);
    expect(await file.log.bounds('a')).toEqual({ earliest: 1, latest: 3_000 });
    expect(await file.ids('b', 2_997)).toEqual([2_998, 2_999, 3_000]);
  });

  test('refuses ids with a gap and frames of several lines', async () => {
    await expect(file.log.append('s', 0, [entry(2, 'x')])).rejects.toThrow('expected the entry with id 1, got id 2');
    await expect(file.log.append('s', 0, [{ id: 1, frame: '{\n}' }])).rejects.toThrow('to be one line');
  });
});

describe('reading', () => {
  test('gives pages from any cursor, whatever the groups in which events came', async () => {
    for (const [from, to] of [
      [1, 1],
      [2, 40],
      [41, 41],
      [42, 300],
    ] as const) {
      await file.log.append('s', from - 1, entries(from, to));
    }
    for (const after of [0, 1, 17, 40, 41, 299, 300, 999]) {
      const seen: number[] = [];
      for (let page = await file.ids('s', after, { events: 7, bytes: 100_000 }); page.length > 0; ) {
        seen.push(...page);
        page = await file.ids('s', seen.at(-1)!, { events: 7, bytes: 100_000 });
      }
      expect(seen).toEqual(Array.from({ length: Math.max(0, 300 - after) }, (_, index) => after + 1 + index));
    }
  });

  test('ends a page soon after its size and always gives one event', async () => {
    await file.log.append('s', 0, entries(1, 40, 'x'.repeat(30_000)));
    const page = await file.log.read('s', 0, { events: 1_000, bytes: 100_000 });
    expect(page.length).toBeGreaterThan(2);
    expect(page.length).toBeLessThan(7);
    expect(await file.ids('s', 5, { events: 1_000, bytes: 1 })).toContain(6);
  });

  test('gives nothing for a session that it does not know', async () => {
    expect(await file.log.read('none', 0, ALL)).toEqual([]);
    expect(await file.log.bounds('none')).toBeUndefined();
  });

  test('lists sessions in the order of their creation', async () => {
    for (const session of ['c', 'a', 'b']) await file.log.append(session, 0, entries(1, 1));
    await file.reopen();
    expect(await file.log.sessions()).toEqual(['c', 'a', 'b']);
  });
});

describe('forgetting', () => {
  test('trims events in the middle of a group and says that a cursor before them is gone', async () => {
    await file.log.append('s', 0, entries(1, 10));
    await file.log.trim('s', 6, 'base');
    await file.reopen();
    expect(await file.log.bounds('s')).toEqual({ earliest: 6, latest: 10 });
    expect(await file.ids('s', 5)).toEqual([6, 7, 8, 9, 10]);
    await expect(file.log.read('s', 4, ALL)).rejects.toMatchObject({ reason: 'trimmed' });
    await file.log.trim('s', 99, 'base');
    expect(await file.log.bounds('s')).toEqual({ earliest: 11, latest: 10 });
    await file.log.append('s', 10, entries(11, 11));
    expect(await file.ids('s', 10)).toEqual([11]);
  });

  test('purges a session and nothing of another', async () => {
    const idempotency = { account: 'a', operation: 'submit', session: 'gone', key: 'k', bodyHash: 'h', answer: '{}' };
    await file.log.append('gone', 0, [{ ...entry(1, 'x'), idempotency }]);
    await file.log.append('kept', 0, entries(1, 2));
    await file.log.purge('gone');
    await file.reopen();
    expect(await file.log.sessions()).toEqual(['kept']);
    expect(await file.ids('gone', 0)).toEqual([]);
    expect(await file.log.findIdempotent(idempotency)).toBeUndefined();
    expect(await file.ids('kept', 0)).toEqual([1, 2]);
  });
});
