import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type SessionEvent } from '@parleyhq/client';
import { createServer } from '@parleyhq/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { runInTerminal } from '../../test/run-in-terminal.js';
import { runHere, runParley, temporaryFolder } from '../../test/run-parley.js';
import { readExpiry } from './read-expiry.js';

/** A server with its data directory, and the command on it. */
async function openServer() {
  const { data, project } = await temporaryFolder();
  const server = await createServer({ dataDir: data, port: 0, roots: [project] });
  onTestFinished(() => server.close());
  const { url } = await server.listen();
  const token = (...args: string[]) => runHere(['token', ...args], { env: { PARLEY_DATA_DIR: data } });
  return { server, url, data, project, token };
}

describe('parley token', () => {
  it('makes a token that a running server takes at once, and revokes it, with its sockets', async () => {
    const { url, data, project, token } = await openServer();
    // By another process than the server's.
    const create = ['token', 'create', '--account', 'ci', '--scope', 'control', '--expires', '30d', '--name', 'night'];
    const made = await runParley(create, { env: { PARLEY_DATA_DIR: data } }).ended;
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^parley_[\w-]{43}\n$/) });
    const [, id = ''] = /^Token ([0-9a-f]{16}) of account ci, scope control, until 20/.exec(made.stderr) ?? [];

    const client = createClient({ baseUrl: url, token: made.stdout });
    onTestFinished(() => client[Symbol.asyncDispose]());
    const session = await client.sessions.create({ cwd: project });
    const events: SessionEvent[] = [];
    const readAll = async () => {
      for await (const event of session.events({ after: 0 })) events.push(event);
    };
    const cutOff = expect(readAll()).rejects.toMatchObject({ code: 'Unauthorized' });
    const listed = await token('list');
    expect(listed.stdout).toMatch(
      new RegExp(`^ID +ACCOUNT +SCOPE +CREATED +EXPIRES +NAME *\n${id}  ci +control .* night`),
    );
    expect(await token('revoke', id)).toMatchObject({ code: 0, stdout: `${id} revoked\n` });
    await expect(client.sessions.get(session.id)).rejects.toMatchObject({ code: 'Unauthorized' });
    await cutOff;
    expect(events.length).toBeGreaterThan(0);
    expect((await token('list')).stdout).toBe('No tokens except the access token of the owner.\n');
  });

  itInAll('works while no server runs: what it makes then is good later', async () => {
    const { server, data, project, token } = await openServer();
    await server.close();
    const { stdout } = await token('create', '--account', 'ci', '--scope', 'read', '--json');
    const made = JSON.parse(stdout);
    expect(made).toEqual({
      token: expect.stringMatching(/^parley_/),
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      ...{ name: null, account: 'ci', scope: 'read', created_at: expect.any(Number), expires_at: null },
    });
    const { token: secret, ...facts } = made;
    expect(JSON.parse((await token('list', '--json')).stdout)).toEqual(facts);

    const again = await createServer({ dataDir: data, port: 0, roots: [project] });
    onTestFinished(() => again.close());
    const { url } = await again.listen();
    const { data: status } = await createClient({ baseUrl: url, token: secret }).http.GET('/api/login/status');
    expect(status).toEqual({ authenticated: true, account: 'ci', scope: 'read', expires_at: null });
    expect(JSON.parse((await token('revoke', '--json', made.id)).stdout)).toEqual({ id: made.id, revoked: true });
  });

  it('says how to connect, and shows the access token to a terminal alone', async () => {
    const { server, url, data, project, token } = await openServer();
    const running = await token('show');
    for (const part of [`listening at ${url}`, data, 'curl -H', 'createClient.local(', 'parley token create']) {
      expect(running.stdout).toContain(part);
    }
    expect(running.stdout).not.toContain(server.token);
    expect(JSON.parse((await token('show', '--json')).stdout)).toEqual({
      ...{ url, data_dir: data, token_path: server.tokenPath, account: 'owner', scope: 'control' },
    });
    const env = { PARLEY_DATA_DIR: data };
    const { shown } = await runInTerminal(['token', 'show'], { cwd: project, env, columns: 200 }).ended;
    expect(shown).toContain(server.token);

    await server.close();
    const stopped = await token('show');
    expect([stopped.code, stopped.stdout]).toEqual([0, expect.stringContaining('Not running: ')]);
    expect(JSON.parse((await token('show', '--json')).stdout)).toMatchObject({ url: null });
  });

  it('says what is wrong, and explains itself', async () => {
    const { project, data, token } = await openServer();
    const cases: [string[], RegExp][] = [
      [['create', '--scope', 'read'], /required option '--account <name>' not specified/],
      [['create', '--account', 'ci'], /required option '--scope <scope>' not specified/],
      [['create', '--account', 'ci', '--scope', 'all'], /Allowed choices are read, control/],
      [['create', '--account', 'a b', '--scope', 'read'], /^parley: --account: expected 1 to 64 .*, got "a b"\n$/],
      [
        ['create', '--account', 'ci', '--scope', 'read', '--expires', 'soon'],
        /'soon' is invalid\. Expected a duration/,
      ],
      [['create', '--account', 'ci', '--scope', 'read', '--expires', '2020-01-01'], /Expected a time in the future/],
      [
        ['create', '--account', 'ci', '--scope', 'read', '--data-dir', join(project, 'x')],
        /^parley: --data-dir: .*x; /,
      ],
      [['show', '--data-dir', project], /^parley: --data-dir: no access token: ENOENT/],
      [['revoke'], /missing required argument 'id'/],
      [['revoke', '../access-token', '0123456789abcdef'], /^parley: no token \.\.\/access-token, 0123456789abcdef in /],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await token(...args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toMatch(message);
    }
    expect((await stat(join(data, 'access-token'))).isFile()).toBe(true);
    const { stdout } = await token('--help');
    for (const part of ['create', 'list', 'revoke', 'show', 'Examples:', 'Exit codes:']) expect(stdout).toContain(part);
    expect((await token('create', '--help')).stdout).toContain('30d');
  });

  it('reads an end as a span from now, or a date', () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    expect(readExpiry('45m', now)).toBe(now + 2_700_000);
    expect(readExpiry('12h', now)).toBe(now + 43_200_000);
    expect(readExpiry('30d', now)).toBe(now + 2_592_000_000);
    expect(readExpiry('8w', now)).toBe(now + 4_838_400_000);
    expect(readExpiry('2030-01-31', now)).toBe(Date.parse('2030-01-31T00:00:00Z'));
    expect(readExpiry('2030-01-31T12:00:00+02:00', now)).toBe(Date.parse('2030-01-31T10:00:00Z'));
    for (const text of ['', '30', 'd', '1y', '-1d', '0d', '1.5h', '9999999d', '2030-13-01', '2029-12-31', 'tomorrow']) {
      expect(() => readExpiry(text, now), text).toThrow(/^Expected /);
    }
  });
});

describe('createClient.local', () => {
  it('finds the server that runs here and is its owner; not one that has ended or was killed', async () => {
    const { data, project } = await temporaryFolder();
    const serve = async () => {
      const running = runParley(['serve', '--port', '0', '--data-dir', data], { cwd: project });
      await running.said('stdout', /Ctrl-C ends the server/);
      return running.child;
    };
    const file = join(data, 'server.json');
    const child = await serve();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const client = createClient.local({ dataDir: data });
    onTestFinished(() => client[Symbol.asyncDispose]());
    const { data: status } = await client.http.GET('/api/login/status');
    expect(status).toMatchObject({ account: 'owner', scope: 'control' });
    const found = await runHere(['sessions'], { env: { PARLEY_DATA_DIR: data } });
    expect(found).toMatchObject({ code: 0, stdout: 'No sessions.\n' });
    const told = await readFile(file, 'utf8');
    child.kill('SIGTERM');
    await once(child, 'close');
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect(() => createClient.local({ dataDir: data })).toThrow(/no server runs on the data directory/);

    // As a killed one leaves it: the next takes it away before it listens itself.
    await writeFile(file, told);
    expect(() => createClient.local({ dataDir: data })).toThrow(/has ended without saying so/);
    const lost = await runHere(['sessions'], { env: { PARLEY_DATA_DIR: data } });
    expect(lost).toMatchObject({ code: 5, stderr: expect.stringMatching(/has ended without saying so/) });
    const next = await createServer({ dataDir: data, port: 0, roots: [project] });
    onTestFinished(() => next.close());
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await next.listen();
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      ...{ url: next.address?.url, pid: process.pid, started: expect.any(String), token_path: next.tokenPath },
    });
    await rm(file);
  });
});
