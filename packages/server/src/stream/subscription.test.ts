import { beforeEach, describe, expect, test } from 'vitest';
import { ALL, itInAll } from '../../../../scripts/test-forms.js';
import { attachTo, framesFrom, type OpenedFeed, openFeed, type Reader } from '../../test/open-feed.js';
import { createFeed } from './feed.js';
import type { Page } from './page.js';

/** How often a few groups of events are appended. */
const ROUNDS = ALL ? 250 : 60;

let opened: OpenedFeed;
beforeEach(async () => {
  opened = await openFeed();
});

describe('a subscription', () => {
  test('sends what follows its cursor, then what is appended', async () => {
    await opened.append(5);
    const reader = opened.attach(2);
    await reader.reached(5);
    await opened.append(2);
    await reader.reached(7);
    expect(reader.frames).toEqual(framesFrom(3, 7));
  });

  itInAll('goes from page to page of a long log without being woken', async () => {
    await opened.append(3_500);
    const reader = opened.attach(0);
    await reader.reached(3_500);
    expect(reader.frames).toEqual(framesFrom(1, 3_500));
  });

  test('loses nothing and doubles nothing at any of many of attach moments', async () => {
    const readers: { after: number; reader: Reader }[] = [];
    let random = 7;
    const next = (below: number) => {
      random = (random * 48_271) % 2_147_483_647;
      return random % below;
    };
    const appending = (async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const groups = Array.from({ length: 1 + next(4) }, () => opened.append(1 + next(9)));
        if (next(3) === 0) await Promise.all(groups);
        else await new Promise(setImmediate);
      }
    })();
    let going = true;
    const attaching = (async () => {
      while (going) {
        for (let count = next(6); count > 0; count -= 1) {
          const after = next(2) === 0 ? opened.feed.latest : next(opened.feed.latest + 1);
          // Some readers take everything at once, some stop after each page for a while.
          const lazy = next(3) === 0;
          const reader: Reader = opened.attach(after, () => {
            if (lazy) setImmediate(() => reader.subscription.resume());
            return !lazy;
          });
          readers.push({ after, reader });
        }
        if (next(2) === 0) await new Promise(setImmediate);
        else await Promise.resolve();
        if (readers.length > 2_500) await appending;
      }
    })();
    await appending;
    going = false;
    await attaching;
    for (const { after, reader } of readers) {
      await reader.reached(opened.written);
      expect(reader.frames).toEqual(framesFrom(after + 1, opened.written));
    }
    expect(readers.length).toBeGreaterThan(4 * ROUNDS);
  });

  test('without a cursor is live only', async () => {
    await opened.append(5);
    const reader = opened.attach();
    await opened.append(1);
    await reader.reached(6);
    expect(reader.frames).toEqual(framesFrom(6, 6));
  });

  test('stands still while its reader is full, and nothing queues for it', async () => {
    await opened.append(1);
    const reader = opened.attach(0, () => false);
    await reader.reached(1);
    for (let count = 0; count < 50; count += 1) await opened.append(10, 'x'.repeat(100));
    expect(reader.frames).toHaveLength(1);
    expect(opened.feed.recent(1)).toBeUndefined();
    reader.subscription.resume();
    await reader.reached(2);
    expect(reader.frames.length).toBeLessThanOrEqual(501);
  });

  itInAll('gets the same page as every other reader at the head', async () => {
    const pages = new Set<Page>();
    const readers = Array.from({ length: 5 }, () => opened.attach(0, (page) => pages.add(page) !== undefined));
    await opened.append(3);
    await Promise.all(readers.map((reader) => reader.reached(3)));
    expect(pages.size).toBe(1);
  });

  itInAll('gets appends that one commit took in one page', async () => {
    const sizes: number[] = [];
    const reader = opened.attach(0, (page) => sizes.push(page.length) > 0);
    await opened.append(1);
    sizes.length = 0;
    // The first keeps the thread busy while the others gather.
    await Promise.all(Array.from({ length: 200 }, () => opened.append(1)));
    await reader.reached(201);
    expect(sizes.length).toBeLessThan(20);
  });

  test('ends when the session has ended and all was sent', async () => {
    await opened.append(3);
    const full = opened.attach(0, () => false);
    const done = opened.attach(0);
    opened.feed.end();
    expect(await done.ended).toBe('ended');
    expect(done.frames).toEqual(framesFrom(1, 3));
    expect(full.subscription.position).toBeLessThanOrEqual(3);
    await full.reached(3);
    full.subscription.resume();
    expect(await full.ended).toBe('ended');
  });

  itInAll('ends behind what was shown just before', async () => {
    const entries = [1, 2].map((id) => ({ id, frame: `${id} x` }));
    await opened.log.append('s', 0, entries);
    const reader = opened.attach(0);
    opened.feed.publish(entries);
    opened.feed.end();
    expect(await reader.ended).toBe('ended');
    expect(reader.frames).toEqual(framesFrom(1, 2));
  });

  test('ends at once when the session is purged, though its reader is full', async () => {
    await opened.append(3);
    const reader = opened.attach(0, () => false);
    await reader.reached(3);
    opened.feed.purge();
    expect(await reader.ended).toBe('purged');
  });

  test('fails when the log no longer has what follows', async () => {
    await opened.append(10);
    await opened.log.trim('s', 6, '{}');
    opened.feed.trim(6);
    expect(await opened.attach(2).failed).toMatchObject({ reason: 'trimmed' });
    const kept = opened.attach(5);
    await kept.reached(10);
    expect(kept.frames).toEqual(framesFrom(6, 10));
  });

  test('fails rather than leave a gap or repeat an event', async () => {
    await opened.append(10);
    const from = (shift: number) =>
      createFeed({
        sessionId: 's',
        log: { ...opened.log, read: (session, after, limit) => opened.log.read(session, after + shift, limit) },
        bounds: { earliest: 1, latest: 10 },
      });
    for (const [shift, got] of [
      [1, 7],
      [-1, 5],
    ] as const) {
      const reader = attachTo(from(shift), 5);
      expect(await reader.failed).toEqual(new RangeError(`expected event 6 to follow, got ${got}`));
      expect(reader.frames).toEqual([]);
    }
  });

  test('refuses a cursor ahead of the log', async () => {
    await opened.append(1);
    expect(() => opened.attach(2)).toThrow('expected a cursor up to 1, got 2');
  });

  test('sends nothing after it was closed', async () => {
    const reader = opened.attach();
    reader.subscription.close();
    await opened.append(3);
    expect(opened.feed.latest).toBe(3);
    expect(reader.frames).toEqual([]);
  });
});
