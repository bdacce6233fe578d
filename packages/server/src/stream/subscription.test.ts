import { EventEmitter, once as onceEvent } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteEventLog, type SqliteEventLog } from '../log/sqlite-event-log.js';
import { createFeed, type FeedWriter, type Page } from './feed.js';
import { createSubscription, type Subscription } from './subscription.js';

let folder: string;
let log: SqliteEventLog;
let feed: FeedWriter;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-stream-'));
  log = await openSqliteEventLog({ path: join(folder, 'parley.db') });
  feed = createFeed({ sessionId: 's', log, recentCharacters: 2_000 });
});

afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

let written = 0;
beforeEach(() => {
  written = 0;
});

/** Appends as a session does: the log first, then the readers. */
async function append(count: number, text = 'x'): Promise<void> {
  const before = written;
  written += count;
  const entries = Array.from({ length: count }, (_, index) => ({
    id: before + 1 + index,
    frame: `${before + 1 + index} ${text}`,
  }));
  await log.append('s', before, entries);
  feed.publish(entries);
}

interface Reader {
  readonly subscription: Subscription;
  readonly frames: string[];
  readonly ended: Promise<string>;
  readonly failed: Promise<unknown>;
  /** Resolves when this id was sent; rejects when the subscription has failed. */
  reached(id: number): Promise<void>;
}

function attach(after = feed.latest, send: (page: Page) => boolean = () => true): Reader {
  const frames: string[] = [];
  const happened = new EventEmitter();
  let last = after;
  let failure: unknown;
  const once = async (event: string) => (await onceEvent(happened, event))[0];
  const ended = once('ended');
  const failed = once('failed');
  const subscription = createSubscription({
    feed,
    after,
    send(page) {
      frames.push(...page.map((event) => event.frame));
      last = page.at(-1)!.id;
      happened.emit('sent');
      return send(page);
    },
    ended: (reason) => happened.emit('ended', reason),
    failed(error) {
      failure = error;
      happened.emit('failed', error);
      happened.emit('sent');
    },
  });
  const reached = async (id: number) => {
    while (last < id && failure === undefined) await onceEvent(happened, 'sent');
    if (last < id) throw failure;
  };
  return { subscription, frames, ended, failed, reached };
}

function framesFrom(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index} x`);
}

describe('a subscription', () => {
  test('sends what follows its cursor, then what is appended', async () => {
    await append(5);
    const reader = attach(2);
    await reader.reached(5);
    await append(2);
    await reader.reached(7);
    expect(reader.frames).toEqual(framesFrom(3, 7));
  });

  test('goes from page to page of a long log without being woken', async () => {
    await append(3_500);
    const reader = attach(0);
    await reader.reached(3_500);
    expect(reader.frames).toEqual(framesFrom(1, 3_500));
  });

  test('without a cursor is live only', async () => {
    await append(5);
    const reader = attach();
    await append(1);
    await reader.reached(6);
    expect(reader.frames).toEqual(framesFrom(6, 6));
  });

  test('loses nothing and doubles nothing at any of thousands of attach moments', async () => {
    const readers: { after: number; reader: Reader }[] = [];
    let random = 7;
    const next = (below: number) => {
      random = (random * 48_271) % 2_147_483_647;
      return random % below;
    };
    const appending = (async () => {
      for (let round = 0; round < 250; round += 1) {
        const groups = Array.from({ length: 1 + next(4) }, () => append(1 + next(9)));
        if (next(3) === 0) await Promise.all(groups);
        else await new Promise(setImmediate);
      }
    })();
    let going = true;
    const attaching = (async () => {
      while (going) {
        for (let count = next(6); count > 0; count -= 1) {
          const after = next(2) === 0 ? feed.latest : next(feed.latest + 1);
          // Some readers take everything at once, some stop after each page for a while.
          const lazy = next(3) === 0;
          const reader: Reader = attach(after, () => {
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
      await reader.reached(written);
      expect(reader.frames).toEqual(framesFrom(after + 1, written));
    }
    expect(readers.length).toBeGreaterThan(1_000);
  });

  test('stands still while its reader is full, and nothing queues for it', async () => {
    await append(1);
    const reader = attach(0, () => false);
    await reader.reached(1);
    for (let count = 0; count < 50; count += 1) await append(10, 'x'.repeat(100));
    expect(reader.frames).toHaveLength(1);
    expect(feed.recent(1)).toBeUndefined();
    reader.subscription.resume();
    await reader.reached(2);
    expect(reader.frames.length).toBeLessThanOrEqual(501);
  });

  test('gets the same page as every other reader at the head', async () => {
    const pages = new Set<Page>();
    const readers = Array.from({ length: 5 }, () => attach(0, (page) => pages.add(page) !== undefined));
    await append(3);
    await Promise.all(readers.map((reader) => reader.reached(3)));
    expect(pages.size).toBe(1);
  });

  test('gets appends that one commit took in one page', async () => {
    const sizes: number[] = [];
    const reader = attach(0, (page) => sizes.push(page.length) > 0);
    await append(1);
    sizes.length = 0;
    // The first keeps the thread busy while the others gather.
    await Promise.all(Array.from({ length: 200 }, () => append(1)));
    await reader.reached(201);
    expect(sizes.length).toBeLessThan(20);
  });

  test('ends when the session has ended and all was sent', async () => {
    await append(3);
    const full = attach(0, () => false);
    const done = attach(0);
    feed.end();
    expect(await done.ended).toBe('ended');
    expect(done.frames).toEqual(framesFrom(1, 3));
    expect(full.subscription.position).toBeLessThanOrEqual(3);
    await full.reached(3);
    full.subscription.resume();
    expect(await full.ended).toBe('ended');
  });

  test('ends behind what was shown just before', async () => {
    const entries = [1, 2].map((id) => ({ id, frame: `${id} x` }));
    await log.append('s', 0, entries);
    const reader = attach(0);
    feed.publish(entries);
    feed.end();
    expect(await reader.ended).toBe('ended');
    expect(reader.frames).toEqual(framesFrom(1, 2));
  });

  test('ends at once when the session is purged, though its reader is full', async () => {
    await append(3);
    const reader = attach(0, () => false);
    await reader.reached(3);
    feed.purge();
    expect(await reader.ended).toBe('purged');
  });

  test('fails when the log no longer has what follows', async () => {
    await append(10);
    await log.trim('s', 6, '{}');
    feed.trim(6);
    expect(await attach(2).failed).toMatchObject({ reason: 'trimmed' });
    const kept = attach(5);
    await kept.reached(10);
    expect(kept.frames).toEqual(framesFrom(6, 10));
  });

  test('fails rather than leave a gap or repeat an event', async () => {
    await append(10);
    const from = (shift: number) =>
      createFeed({
        sessionId: 's',
        log: { ...log, read: (session, after, limit) => log.read(session, after + shift, limit) },
        bounds: { earliest: 1, latest: 10 },
      });
    const whole = feed;
    for (const [shift, got] of [
      [1, 7],
      [-1, 5],
    ] as const) {
      feed = from(shift);
      const reader = attach(5);
      expect(await reader.failed).toEqual(new RangeError(`expected event 6 to follow, got ${got}`));
      expect(reader.frames).toEqual([]);
    }
    feed = whole;
  });

  test('refuses a cursor ahead of the log', async () => {
    await append(1);
    expect(() => attach(2)).toThrow('expected a cursor up to 1, got 2');
  });

  test('sends nothing after it was closed', async () => {
    const reader = attach();
    reader.subscription.close();
    await append(3);
    expect(feed.latest).toBe(3);
    expect(reader.frames).toEqual([]);
  });
});

describe('a feed', () => {
  test('keeps no frames when nobody reads', async () => {
    await append(3);
    expect(feed.recent(0)).toBeUndefined();
    const reader = attach();
    await append(3);
    expect(feed.recent(3)).toHaveLength(3);
    reader.subscription.close();
    expect(feed.recent(3)).toBeUndefined();
  });

  test('refuses events that do not follow those before', async () => {
    expect(() => feed.publish([{ id: 2, frame: '2' }])).toThrow('expected event 1 to be published, got 2');
  });

  test('cuts a large append into pages that a stalled reader may hold', async () => {
    const sizes: number[] = [];
    const reader = attach(0, (page) => sizes.push(page.reduce((sum, event) => sum + event.frame.length, 0)) > 0);
    await append(40, 'x'.repeat(20_000));
    await reader.reached(40);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(131_072);
    expect(sizes.length).toBeLessThan(10);
  });
});
