import { mkdir, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { itInAll } from '../../../../scripts/test-forms.js';
import { makeCertificate } from '../../test/certificate.js';
import { request } from '../../test/request.js';
import { startServer, temporaryFolder } from '../../test/start-server.js';
import { createServer } from '../create-server.js';
import type { ServerLimits } from '../limits.js';
import { OptionError } from '../option-error.js';

async function startTls(limits: ServerLimits = {}) {
  const { tlsCert, tlsKey, cert: ca } = await makeCertificate(await temporaryFolder());
  const started = await startServer({ tlsCert, tlsKey, allowHosts: ['parley.example'], limits });
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    request(started.url, method, path, { ca, headers: { ...started.bearer, ...headers }, body });
  return { ...started, ca, send };
}

describe('a server with a certificate', () => {
  it('speaks only TLS, and uses https and wss in all URLs', async () => {
    const { url, project, send, server } = await startTls();
    expect(url).toMatch(/^https:/);
    const { body, headers } = await send('POST', '/api/sessions', {}, { cwd: project });
    expect(body.http_url).toMatch(/^https:\/\/127\.0\.0\.1/);
    expect(body.ws_url).toBe(`${body.http_url.replace('https', 'wss')}/events`);
    expect(headers.location).toBe(body.http_url);
    expect(server.warnings).toEqual([]);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await text(socket).catch(() => '')).toBe('');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['the beginning of a greeting', Buffer.from('16030100f0010000ec0303', 'hex')],
  ])('gives the handshake of TLS as long as headers, when there comes %s, and goes on', async (_, sent) => {
    const { url, send } = await startTls({ headersTimeoutMs: 300 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(sent);
    expect(await text(socket).catch(() => '')).toBe('');
    expect((await send('GET', '/api/health')).status).toBe(200);
  });

  itInAll('ends without waiting for handshakes that nobody goes on with', async () => {
    const { url, server } = await startTls({ headersTimeoutMs: 600_000, requestTimeoutMs: 600_000 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => void socket.write(Buffer.from('160301', 'hex'), () => resolve()));
    await server.close();
    expect(await text(socket).catch(() => '')).toBe('');
  });

  it('carries events over its sockets', async () => {
    const { project, send, ca, bearer } = await startTls();
    const { body } = await send('POST', '/api/sessions', {}, { cwd: project });
    const socket = new WebSocket(`${body.ws_url}?since_event_id=0`, ['parley.v1'], { ca, headers: bearer });
    const types: string[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data) => {
        types.push(JSON.parse(String(data)).type);
        if (types.length === 2) resolve();
      });
    });
    expect(types.slice(0, 2)).toEqual(['connection_ack', 'event']);
    socket.terminate();
  });

  itInAll('answers a request that offers another protocol as if it had not', async () => {
    const { url, ca } = await startTls();
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    const status = await new Promise((resolve, reject) => {
      const asked = httpsRequest(`${url}/api/health`, { ca, headers: offer, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(200);
  });

  it('lets a cookie count for pages of its own origin, which is https, and marks it Secure', async () => {
    const { url, token, send, ca } = await startTls();
    const login = await send('POST', '/api/login', {}, { token });
    const [cookie = ''] = login.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Secure$/);
    const statusFrom = async (origin: string) => {
      const headers = { cookie: cookie.split(';', 1)[0] ?? '', origin };
      return (await request(url, 'GET', '/api/sessions', { ca, headers })).status;
    };
    expect(await statusFrom(url)).toBe(200);
    expect(await statusFrom(url.replace('https', 'http'))).toBe(403);
  });

  it('asks for TLS in future, but not for names that every program of a machine shares', async () => {
    const { send } = await startTls();
    const named = await send('GET', '/api/health', { host: 'parley.example' });
    expect(named.headers['strict-transport-security']).toBe('max-age=31536000');
    const refused = await send('GET', '/api/none', { host: 'parley.example' });
    expect(refused.headers['strict-transport-security']).toBe('max-age=31536000');
    for (const host of ['localhost', '127.0.0.1:1', '[::1]']) {
      expect((await send('GET', '/api/health', { host })).headers).not.toHaveProperty('strict-transport-security');
    }
  });
});

describe('the files of TLS', () => {
  it('are named in the error when they are missing, unreadable, something else, or do not belong together', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'data'));
    const one = await makeCertificate(folder, 'one');
    const other = await makeCertificate(folder, 'other');
    const nothing = join(folder, 'nothing.pem');
    const junk = join(folder, 'junk.pem');
    await writeFile(junk, 'no PEM at all\n');
    const errorOf = async (tls: { tlsCert?: string; tlsKey?: string }) => {
      const error = await createServer({ dataDir: join(folder, 'data'), roots: [folder], ...tls }).catch((e) => e);
      expect(error).toBeInstanceOf(OptionError);
      return [error.option, error.message];
    };
    expect(await errorOf({ tlsCert: one.tlsCert })).toEqual(['tlsKey', expect.stringContaining('got none')]);
    expect(await errorOf({ tlsKey: one.tlsKey })).toEqual(['tlsCert', expect.stringContaining('got none')]);
    expect(await errorOf({ ...one, tlsCert: nothing })).toEqual([
      'tlsCert',
      expect.stringMatching(/nothing\.pem.*ENOENT/),
    ]);
    expect(await errorOf({ ...one, tlsCert: junk })).toEqual([
      'tlsCert',
      expect.stringContaining('with a certificate'),
    ]);
    expect(await errorOf({ ...one, tlsKey: junk })).toEqual(['tlsKey', expect.stringContaining('with a private key')]);
    expect(await errorOf({ ...one, tlsKey: other.tlsKey })).toEqual(['tlsKey', expect.stringContaining(one.tlsCert)]);
  });
});

describe('an address that others reach', () => {
  it('needs the names that they reach it by', async () => {
    const folder = await temporaryFolder();
    const options = { dataDir: join(folder, 'data'), roots: [folder], port: 0 };
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'parley.example']) {
      await expect(createServer({ ...options, host })).rejects.toMatchObject({
        option: 'host',
        message: expect.stringMatching(/--allow-host or --public-url.*got neither/),
      });
    }
  });

  it('is warned of where it speaks no TLS, in the log too', async () => {
    const { server, lines } = await startServer({ host: '0.0.0.0', publicUrl: 'https://parley.example' });
    expect(server.warnings).toEqual([expect.stringContaining('--tls-cert')]);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: server.warnings[0] }),
    );
    const { tlsCert, tlsKey } = await makeCertificate(await temporaryFolder());
    const safe = await startServer({ host: '0.0.0.0', allowHosts: ['parley.example'], tlsCert, tlsKey });
    expect(safe.server.warnings).toEqual([]);
  });
});
