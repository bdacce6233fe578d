import { beforeEach, describe, expect, test } from 'vitest';
import { attachTo, type OpenedFeed, openFeed } from '../../test/open-feed.js';
import { createRecentPages } from './recent-pages.js';

let opened: OpenedFeed;
beforeEach(async () => {
  opened = await openFeed();
});

describe('a feed', () => {
  test('keeps no frames when nobody reads', async () => {
    await opened.append(3);
    expect(opened.feed.recent(0)).toBeUndefined();
    const reader = opened.attach();
    await opened.append(3);
    expect(opened.feed.recent(3)).toHaveLength(3);
    reader.subscription.close();
    expect(opened.feed.recent(3)).toBeUndefined();
  });

  test('keeps no more than all feeds may keep together: the oldest pages go first, and are read from the log', async () => {
    const recentPages = createRecentPages(6_000);
    const feeds = Array.from({ length: 5 }, () => opened.beside(recentPages));
    const readers = feeds.map((feed) => attachTo(feed));
    const frame = 'x'.repeat(1_500);
    for (const id of [1, 2]) {
      for (const feed of feeds) {
        feed.publish([{ id, frame }]);
        await Promise.resolve(); // shown at the end of this turn of the loop
      }
    }
    const kept = feeds.map((feed) => [0, 1].map((after) => feed.recent(after) !== undefined));
    expect(kept.map(([first]) => first)).toEqual([false, false, false, false, false]);
    expect(kept.map(([, second]) => second)).toEqual([false, true, true, true, true]);
    // What a feed forgets makes room for the others.
    for (const { subscription } of readers.slice(2)) subscription.close();
    feeds[0]?.publish([{ id: 3, frame }]);
    await Promise.resolve();
    expect(feeds[1]?.recent(1)).toHaveLength(1);
  });

  test('refuses events that do not follow those before', async () => {
    expect(() => opened.feed.publish([{ id: 2, frame: '2' }])).toThrow('expected event 1 to be published, got 2');
  });

  test('cuts a large append into pages that a stalled reader may hold', async () => {
    const sizes: number[] = [];
    const reader = opened.attach(0, (page) => sizes.push(page.reduce((sum, event) => sum + event.frame.length, 0)) > 0);
    await opened.append(40, 'x'.repeat(20_000));
    await reader.reached(40);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(131_072);
    expect(sizes.length).toBeLessThan(10);
  });
});
