import { expect, it } from 'vitest';
import { is, openHost, owner } from '../../test/open-host.js';
import { type EventLog, LogError } from '../log/event-log.js';

it.each([
  ['size', { maxSessionLogSize: 2_000 }],
  ['age', { maxEventAgeMs: 1 }],
])('retention by %s forgets events, and nothing of what they led to', async (_, retention) => {
  const opened = await openHost();
  const { cwd, say, until, restart } = opened;
  const { session_id: id } = await opened.host.create(owner, { cwd, approval_policy: 'auto' });
  await until(id, is('session_updated'));
  await say(id, '/edits');
  await until(id, is('turn_completed'));
  const before = opened.host.get(owner, id);
  await restart({ limits: { ...retention, retentionIntervalMs: 20 } });
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

it('retention goes on behind a session of which nothing can be forgotten', async () => {
  const opened = await openHost();
  const { cwd, say, until } = opened;
  const sessions: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const { session_id: id } = await opened.host.create(owner, { cwd, approval_policy: 'auto' });
    sessions.push(id);
    await say(id, '/refuse');
    await until(id, is('turn_completed'));
  }
  let broken: string | undefined;
  const log = new Proxy<EventLog>(opened.log, {
    get(_, name: keyof EventLog) {
      if (name !== 'cut') return opened.log[name];
      return async (...[id, bounds]: Parameters<EventLog['cut']>) => {
        broken ??= id;
        if (id === broken) throw new LogError('unavailable', 'the disk did not answer');
        return opened.log.cut(id, bounds);
      };
    },
  });
  await opened.restart({ log, limits: { maxSessionLogSize: 1, retentionIntervalMs: 20 } });
  await expect.poll(() => broken).toBeDefined();
  const other = opened.host.feed(owner, sessions.find((id) => id !== broken) ?? '');
  await expect.poll(() => other.earliest).toBeGreaterThan(1);
});
