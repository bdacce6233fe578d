import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTestLog } from '../../test/open-test-log.js';
import { temporaryFolder } from '../../test/start-server.js';
import { openLogins } from './logins.js';

const OWNER = { account: 'owner', scope: 'control', expiresAt: null } as const;
/** Ids of tokens that have ended. */
const ended = new Set<string>();
const tokens = { isGood: (tokenId: string) => !ended.has(tokenId) };

async function openStore() {
  const path = join(await temporaryFolder(), 'parley.db');
  const log = await openTestLog(path);
  onTestFinished(() => log.close());
  return { path, store: log.store };
}

const LIMITS = { lifetimeMs: 86_400_000, limit: 1_000 };

describe('logins', () => {
  it('expire', async () => {
    const { store } = await openStore();
    let now = Date.now();
    const logins = await openLogins({ ...{ store, tokens, ...LIMITS }, lifetimeMs: 1_000, now: () => now });
    const { token, expiresAt } = await logins.open(OWNER);
    expect(expiresAt).toBe(now + 1_000);
    expect(logins.find(token)).toMatchObject({ account: 'owner', scope: 'control', expiresAt });
    now += 1_000;
    expect(logins.find(token)).toBeUndefined();
  });

  it('are found again by another process until they are ended, and kept as hashes', async () => {
    const { store, path } = await openStore();
    const { token } = await (await openLogins({ ...{ store, tokens, ...LIMITS } })).open(OWNER);
    const logins = await openLogins({ ...{ store, tokens, ...LIMITS } });
    const loginId = logins.find(token)?.loginId ?? '';
    expect(loginId).toMatch(/^[0-9a-f]{64}$/);
    const files = await Promise.all([path, `${path}-wal`].map((file) => readFile(file, 'latin1')));
    expect(files.join('')).not.toContain(token);
    expect(files.join('')).toContain(loginId);
    const told: string[] = [];
    logins.onEnd((id) => told.push(id));
    await logins.end(loginId);
    expect(told).toEqual([loginId]);
    expect(logins.find(token)).toBeUndefined();
    expect((await openLogins({ ...{ store, tokens, ...LIMITS } })).find(token)).toBeUndefined();
  });

  it('are bounded: one more ends the one that would expire first', async () => {
    const { store } = await openStore();
    let now = Date.now();
    const logins = await openLogins({ ...{ store, tokens, ...LIMITS }, limit: 2, now: () => now++ });
    const [first, second, third] = [await logins.open(OWNER), await logins.open(OWNER), await logins.open(OWNER)];
    expect(logins.find(first.token)).toBeUndefined();
    expect(logins.find(second.token)).toBeDefined();
    expect(logins.find(third.token)).toBeDefined();
  });

  it('of one account take no place from those of another', async () => {
    const { store } = await openStore();
    const logins = await openLogins({ ...{ store, tokens, ...LIMITS }, limit: 1 });
    const own = await logins.open(OWNER);
    const others = [await logins.open({ ...OWNER, account: 'ci' }), await logins.open({ ...OWNER, account: 'ci' })];
    expect([own, ...others].map(({ token }) => logins.find(token) !== undefined)).toEqual([true, false, true]);
  });

  it('end with the token that they are made of, and no later than it would', async () => {
    const { store } = await openStore();
    const expiresAt = Date.now() + 60_000;
    const made = { account: 'ci', scope: 'read', expiresAt, tokenId: '0123456789abcdef' } as const;
    const logins = await openLogins({ ...{ store, tokens, ...LIMITS } });
    const told: string[] = [];
    logins.onEnd((id) => told.push(id));
    const [owners, ci] = [await logins.open(OWNER), await logins.open(made)];
    expect(ci.expiresAt).toBe(expiresAt);
    const { loginId = '' } = logins.find(ci.token) ?? {};
    expect(logins.isOpen(loginId)).toBe(true);

    // Known by the token's own state before anybody has told.
    ended.add(made.tokenId);
    expect([logins.find(ci.token), logins.isOpen(loginId)]).toEqual([undefined, false]);
    expect((await openLogins({ ...{ store, tokens, ...LIMITS } })).find(ci.token)).toBeUndefined();
    await logins.endOf(made.tokenId);
    expect(told).toEqual([loginId]);
    expect(logins.find(owners.token)).toBeDefined();
    expect(await store.list('login')).toHaveLength(1);
  });
});
