import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { request } from '../test/request.js';
import { startServer, temporaryFolder } from '../test/start-server.js';
import { createServer, DataDirectoryInUse, OptionError } from './index.js';

describe('a server', () => {
  it('drains: sockets go with 1001, running turns end, the folder is free, and a new server has it all', async () => {
    const { server, send, url, bearer, createSession, folder, project, token } = await startServer();
    const session = await createSession();
    const login = (await send('POST', '/api/login', { body: { token } })).body.access_token;
    await send('POST', `${session}/submit`, { body: { type: 'user_message', content: 'hello' } });
    const socket = new WebSocket(`${url.replace('http', 'ws')}${session}/events`, { headers: bearer });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    const ended = server.close();
    expect(server.close()).toBe(ended);
    expect((await closed)[0]).toBe(1001);
    await ended;
    await expect(request(url, 'GET', '/api/health')).rejects.toThrow('ECONNREFUSED');

    const again = await startServer({ dataDir: join(folder, 'data'), roots: [project] });
    expect(again.token).toBe(token);
    const { body } = await again.send('GET', session, { headers: { authorization: `Bearer ${login}` } });
    expect(body).toMatchObject({ status: 'idle', queued_turns: [] });
    const { body: history } = await again.send('GET', `${session}/history?limit=1000`);
    const types = history.items.map((item: { payload: { type: string } }) => item.payload.type);
    expect(types).toContain('turn_completed');
  });

  it('takes no new work while it drains, says so, and answers what it can', async () => {
    const { server, send, createSession, project, url, token } = await startServer();
    const session = await createSession();
    // A peer that never answers a close holds the drain up.
    const peer = connect(Number(new URL(url).port), '127.0.0.1');
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
    ];
    peer.write(
      [`GET ${session}/events HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${token}`, ...upgrade, '', ''].join(
        '\r\n',
      ),
    );
    await once(peer, 'data');
    const ended = server.close();
    expect((await send('GET', '/api/health')).body.status).toBe('draining');
    expect((await send('GET', session)).status).toBe(200);
    const refused = await send('POST', '/api/sessions', { body: { cwd: project } });
    expect([refused.status, refused.body.code]).toEqual([503, 'Unavailable']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const probe = await send('GET', `${session}/events`);
    expect([probe.status, probe.body.code]).toEqual([503, 'Unavailable']);
    peer.destroy();
    await ended;
  });

  it('makes a token at its first start that nobody else can read, and keeps it', async () => {
    const { server, folder } = await startServer();
    expect(server.token).toMatch(/^parley_[\w-]{43}$/);
    expect(await readFile(server.tokenPath, 'utf8')).toBe(`${server.token}\n`);
    expect((await stat(server.tokenPath)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
  });

  it('does not start with an invalid token', async () => {
    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, 'access-token'), 'secret\n');
    await expect(createServer({ dataDir, roots: [dataDir] })).rejects.toThrow(/access-token: expected an access token/);
    await writeFile(join(dataDir, 'access-token'), `parley_${'x'.repeat(43)}\n`);
    await (await createServer({ dataDir, roots: [dataDir] })).close();
  });

  it('does not share its data directory', async () => {
    const { folder, project } = await startServer();
    const second = createServer({ dataDir: join(folder, 'data'), roots: [project] });
    await expect(second).rejects.toThrow(DataDirectoryInUse);
    await expect(second).rejects.toThrow(new RegExp(`in use by the process with pid ${process.pid}`));
  });

  it('lists its agents, and the operator’s own', async () => {
    const { send } = await startServer({ agents: [{ name: 'mine', command: 'no-such-command', title: 'Mine' }] });
    const { body } = await send('GET', '/api/agents');
    expect(body.agents).toContainEqual(
      expect.objectContaining({ name: 'demo', default: true, available: true, reason: null }),
    );
    expect(body.agents).toContainEqual(
      expect.objectContaining({
        name: 'mine',
        default: false,
        available: false,
        reason: expect.stringContaining('no-such-command'),
      }),
    );
  });

  it('says whether an agent takes a model, once a session has shown it', async () => {
    const scripted = fileURLToPath(new URL('../test/scripted-agent.mjs', import.meta.url));
    const own = { command: process.execPath, args: [scripted] };
    const agents = [
      { name: 'none', ...own },
      { name: 'told', ...own, model_args: ['{model}'] },
    ];
    const { send, project } = await startServer({ agents });
    const models = async () => {
      const { body } = await send('GET', '/api/agents');
      const listed: { name: string; settings: { model: boolean } }[] = body.agents;
      return agents.map((agent) => listed.find(({ name }) => name === agent.name)?.settings.model);
    };
    expect(await models()).toEqual([true, true]);
    for (const { name } of agents) await send('POST', '/api/sessions', { body: { cwd: project, agent: name } });
    expect(await models()).toEqual([false, true]);
  });

  it('names the option that makes no sense, with what was expected and what was got', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    await mkdir(join(dataDir, 'root'), { recursive: true });
    const good = { dataDir, roots: [join(dataDir, 'root')] };
    for (const [option, bad] of [
      ['port', { port: 70_000 }],
      ['roots', { roots: [join(dataDir, 'nowhere')] }],
      ['defaultAgent', { defaultAgent: 'nobody' }],
      ['publicUrl', { publicUrl: 'parley.example' }],
      ['allowHosts', { allowHosts: ['http://parley.example'] }],
      ['allowOrigins', { allowOrigins: ['https://app.example/'] }],
      ['agents', { agents: [{ name: 'Mine' }] }],
    ] as const) {
      const error = await createServer({ ...good, ...bad }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(OptionError);
      expect([option, (error as OptionError).option]).toEqual([option, option]);
      expect((error as OptionError).message).toMatch(/^Expected .*, got |^expected .*, got /);
    }
  });
});
