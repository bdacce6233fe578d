import { expect, it } from 'vitest';
import { is, openHost, owner } from '../../test/open-host.js';

it.each([
  ['size', { maxSize: 2_000 }],
  ['age', { maxAge: 1 }],
])('retention by %s forgets events, and nothing of what they led to', async (_, retention) => {
  const opened = await openHost();
  const { cwd, say, until, restart } = opened;
  const { session_id: id } = await opened.host.create(owner, { cwd, approval_policy: 'auto' });
  await until(id, is('session_updated'));
  await say(id, '/edits');
  await until(id, is('turn_completed'));
  const before = opened.host.get(owner, id);
  await restart({ retention, retentionInterval: 20 });
  const feed = opened.host.feed(owner, id);
  await expect.poll(() => feed.earliest).toBeGreaterThan(2);
  expect(feed.latest).toBe(before.latest_event_id);
  await expect(opened.host.history(owner, id, 0, 10)).rejects.toMatchObject({ code: 'CursorExpired' });
  expect(() => opened.host.feed(owner, id, 0)).toThrow(/CursorExpired/);
  const { frames } = await opened.host.history(owner, id, feed.earliest - 1, 1);
  expect(frames[0]).toContain(`"id":${feed.earliest}`);
  await restart();
  expect(opened.host.get(owner, id)).toEqual(before);
  const { answer } = await say(id, '/refuse');
  expect(answer.event_id).toBe(before.latest_event_id + 1);
});
