import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/start-server.js';
import { openSqliteEventLog } from '../log/sqlite-event-log.js';
import { openLogins } from './logins.js';

const OWNER = { account: 'owner', scope: 'control', expiresAt: null } as const;

async function openStore() {
  const path = join(await temporaryFolder(), 'parley.db');
  const log = await openSqliteEventLog({ path });
  onTestFinished(() => log.close());
  return { path, store: log.store };
}

describe('logins', () => {
  it('expire', async () => {
    const { store } = await openStore();
    let now = Date.now();
    const logins = await openLogins({ store, lifetimeMs: 1_000, now: () => now });
    const { token, expiresAt } = await logins.open(OWNER);
    expect(expiresAt).toBe(now + 1_000);
    expect(logins.find(token)).toMatchObject({ account: 'owner', scope: 'control', expiresAt });
    now += 1_000;
    expect(logins.find(token)).toBeUndefined();
  });

  it('are found again by another process until they are ended, and kept as hashes', async () => {
    const { store, path } = await openStore();
    const { token } = await (await openLogins({ store })).open(OWNER);
    const logins = await openLogins({ store });
    const loginId = logins.find(token)?.loginId ?? '';
    expect(loginId).toMatch(/^[0-9a-f]{64}$/);
    const files = await Promise.all([path, `${path}-wal`].map((file) => readFile(file, 'latin1')));
    expect(files.join('')).not.toContain(token);
    expect(files.join('')).toContain(loginId);
    const ended: string[] = [];
    logins.onEnd((id) => ended.push(id));
    await logins.end(loginId);
    expect(ended).toEqual([loginId]);
    expect(logins.find(token)).toBeUndefined();
    expect((await openLogins({ store })).find(token)).toBeUndefined();
  });

  it('are bounded: one more ends the one that would expire first', async () => {
    const { store } = await openStore();
    let now = Date.now();
    const logins = await openLogins({ store, limit: 2, now: () => now++ });
    const [first, second, third] = [await logins.open(OWNER), await logins.open(OWNER), await logins.open(OWNER)];
    expect(logins.find(first.token)).toBeUndefined();
    expect(logins.find(second.token)).toBeDefined();
    expect(logins.find(third.token)).toBeDefined();
  });
});
