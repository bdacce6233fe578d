import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/start-server.js';
import { createToken, fileOf, listTokens, revokeToken, tokenFolderOf } from './token-folder.js';
import { openTokens, type TokensOptions } from './tokens.js';

const CI = { account: 'ci', scope: 'control' } as const;

/** The tokens of a data directory as a server sees them; what it logs, and a promise of the next token that ends. */
async function open(options: Partial<TokensOptions> = {}) {
  const dataDir = await temporaryFolder();
  const folder = tokenFolderOf(dataDir);
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const tokens = openTokens({ folder, logger, ...options });
  onTestFinished(() => tokens.close());
  const ended = new Promise<string>((resolve) => tokens.onEnd(resolve));
  return { dataDir, folder, tokens, ended, lines };
}

describe('tokens', () => {
  it('are good from when they are made until they are revoked, whatever the system has told', async () => {
    const { dataDir, tokens } = await open({ lookEvery: 1_000_000 });
    const { token, record } = await createToken(dataDir, { ...CI, name: 'nightly' });
    expect(token).toMatch(/^parley_[\w-]{43}$/);
    expect(tokens.find(token)).toEqual({ ...CI, expiresAt: null, tokenId: record.id });
    expect(tokens.find(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();
    expect(tokens.isGood(record.id)).toBe(true);
    expect(await listTokens(dataDir)).toEqual([record]);
    expect(await revokeToken(dataDir, record.id)).toBe(true);
    expect([tokens.find(token), tokens.isGood(record.id)]).toEqual([undefined, false]);
    expect(await revokeToken(dataDir, record.id)).toBe(false);
    expect(await listTokens(dataDir)).toEqual([]);
  });

  it('are kept as hashes that nobody else can read', async () => {
    const { dataDir, folder } = await open();
    const { token, record } = await createToken(dataDir, CI);
    expect(await readdir(folder)).toEqual([`${record.id}.json`]);
    const text = await readFile(fileOf(folder, record.id), 'utf8');
    expect(text).toContain(record.hash);
    expect(text).not.toContain(token.slice('parley_'.length));
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    expect([await modeOf(folder), await modeOf(fileOf(folder, record.id))]).toEqual([0o700, 0o600]);
  });

  it('tell their end when the system tells it', async () => {
    const { dataDir, tokens, ended } = await open({ lookEvery: 1_000_000 });
    const { token, record } = await createToken(dataDir, CI);
    tokens.find(token);
    await revokeToken(dataDir, record.id);
    expect(await ended).toBe(record.id);
  });

  it('tell their end by the clock too: when they expire, or the whole folder is gone and made again', async () => {
    let now = Date.now();
    const one = await open({ lookEvery: 10, now: () => now });
    const { token, record } = await createToken(one.dataDir, { ...CI, expiresAt: now + 60_000 });
    expect(one.tokens.find(token)).toMatchObject({ expiresAt: now + 60_000 });
    now += 60_000;
    expect(one.tokens.find(token)).toBeUndefined();
    expect(await one.ended).toBe(record.id);

    const other = await open({ lookEvery: 10 });
    const made = await createToken(other.dataDir, CI);
    other.tokens.find(made.token);
    await rm(other.folder, { recursive: true });
    expect(await other.ended).toBe(made.record.id);
    expect(other.tokens.find((await createToken(other.dataDir, CI)).token)).toBeDefined();
  });

  it('are what they were while their file cannot be read, and end only when it is gone', async () => {
    const { dataDir, folder, tokens, ended, lines } = await open({ lookEvery: 10 });
    const { token, record } = await createToken(dataDir, CI);
    const other = await createToken(dataDir, CI);
    const found = tokens.find(token);
    const path = fileOf(folder, record.id);
    const text = await readFile(path, 'utf8');
    let over = false;
    void ended.then(() => (over = true));
    for (const file of [path, fileOf(folder, other.record.id)]) {
      // A link to itself can be read as little as a file when no descriptor is free.
      await symlink(file, `${file}.loop`);
      await rename(`${file}.loop`, file);
    }
    await expect.poll(() => lines.join()).toContain('cannot be read now');
    expect([found, tokens.find(token), tokens.isGood(record.id), over]).toEqual([found, found, true, false]);
    expect(() => tokens.find(other.token)).toThrow('The tokens cannot be read now.');
    await rm(path);
    expect(await ended).toBe(record.id);
    await writeFile(path, text);
    expect(tokens.find(token)).toEqual(found);
  });

  it('whose file holds something else are good for nothing, and named', async () => {
    const { dataDir, folder, tokens, lines } = await open();
    const { token, record } = await createToken(dataDir, CI);
    const path = fileOf(folder, record.id);
    const cases: [string, RegExp][] = [
      ['{', /json: .*JSON/],
      ['null', /id: expected/],
      [JSON.stringify({ ...record, id: 'x' }), new RegExp(`id: expected ${record.id}, got "x"`)],
      [JSON.stringify({ ...record, hash: 'x' }), /hash: expected 64 hexadecimal digits/],
      [JSON.stringify({ ...record, account: '' }), /account: expected the name of an account, got ""/],
      [JSON.stringify({ ...record, scope: 'all' }), /scope: expected read or control, got "all"/],
      [JSON.stringify({ ...record, expires_at: 'soon' }), /expires_at: expected milliseconds .*, got "soon"/],
    ];
    for (const [text, message] of cases) {
      await writeFile(path, text);
      expect([text, tokens.find(token)]).toEqual([text, undefined]);
      await expect(listTokens(dataDir)).rejects.toThrow(message);
    }
    expect(lines.join()).toContain(record.id);
    // Another token whose hash begins alike.
    await writeFile(path, JSON.stringify({ ...record, hash: record.id.padEnd(64, '0') }));
    expect(tokens.find(token)).toBeUndefined();
    expect(await revokeToken(dataDir, record.id)).toBe(true);
  });

  it('cannot be created from invalid values, and are found only by valid ids', async () => {
    const { dataDir, folder, tokens } = await open();
    for (const account of ['', 'a b', '../a', '-a', 'x'.repeat(65)]) {
      await expect(createToken(dataDir, { ...CI, account })).rejects.toThrow(/^account: expected 1 to 64 letters/);
    }
    await expect(createToken(dataDir, { ...CI, expiresAt: 1 })).rejects.toThrow(/^expires: .*1970/);
    await expect(createToken(dataDir, { ...CI, name: 'x'.repeat(129) })).rejects.toThrow(/^name: /);
    await expect(createToken(join(dataDir, 'none'), CI)).rejects.toThrow('ENOENT');
    await writeFile(join(dataDir, 'precious.json'), '');
    await mkdir(join(folder, 'x'));
    expect(await revokeToken(dataDir, '../precious')).toBe(false);
    expect(await listTokens(dataDir)).toEqual([]);
    expect(await listTokens(await temporaryFolder())).toEqual([]);
    expect(tokens.find('parley_')).toBeUndefined();
  });
});
