import { beforeEach, describe, expect, test } from 'vitest';
import { type OpenedFeed, openFeed } from '../../test/open-feed.js';

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
