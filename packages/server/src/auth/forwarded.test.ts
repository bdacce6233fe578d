import { describe, expect, it } from 'vitest';
import type { Sent } from '../../test/request.js';
import { startServer } from '../../test/start-server.js';
import { OptionError } from '../option-error.js';

const FORWARDED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'parley.example',
};

async function startBehind(trustProxy?: number | string[]) {
  const started = await startServer({ allowHosts: ['parley.example'], ...(trustProxy && { trustProxy }) });
  const { send, project, lines } = started;
  return {
    ...started,
    /** What the server takes the address of a request for, its own and the client's. */
    async seen(headers: NonNullable<Sent['headers']> = FORWARDED) {
      const { body, headers: answer } = await send('POST', '/api/sessions', { headers, body: { cwd: project } });
      const line = lines.map((text) => JSON.parse(text)).find((entry) => entry.request_id === answer['x-request-id']);
      return [new URL(body.http_url).origin, line?.ip];
    },
  };
}

describe('what proxies say of a request', () => {
  it('is not looked at unless they are trusted', async () => {
    const { seen, url } = await startBehind();
    expect(await seen()).toEqual([url, '127.0.0.1']);
    const elsewhere = await startBehind(['10.0.0.0/8']);
    expect(await elsewhere.seen()).toEqual([elsewhere.url, '127.0.0.1']);
  });

  it('counts where they are trusted, by their number or by their address', async () => {
    for (const trustProxy of [1, ['loopback'], ['10.0.0.1', '127.0.0.0/8']]) {
      const { seen, url } = await startBehind(trustProxy);
      expect(await seen()).toEqual(['https://parley.example', '203.0.113.7']);
      expect(await seen({})).toEqual([url, '127.0.0.1']);
    }
  });

  it('counts no further than the proxies reach: what a client wrote itself stays unheard', async () => {
    const forged = {
      'x-forwarded-for': '198.51.100.1, 203.0.113.7',
      'x-forwarded-proto': 'http, https',
      'x-forwarded-host': 'evil.example, parley.example',
    };
    const one = await startBehind(1);
    expect(await one.seen(forged)).toEqual(['https://parley.example', '203.0.113.7']);
    const two = await startBehind(2);
    const through = {
      'x-forwarded-for': '198.51.100.1, 203.0.113.7, 10.0.0.1',
      'x-forwarded-proto': 'http, https, http',
      'x-forwarded-host': 'evil.example, parley.example, inner',
    };
    expect(await two.seen(through)).toEqual(['https://parley.example', '203.0.113.7']);
  });

  it('is passed over where it makes no sense', async () => {
    const { seen, url } = await startBehind(1);
    const senseless = { 'x-forwarded-for': 'nobody', 'x-forwarded-proto': 'gopher', 'x-forwarded-host': ' , ' };
    expect(await seen(senseless)).toEqual([url, '127.0.0.1']);
  });

  it('is checked as the Host would be', async () => {
    const { send } = await startBehind(1);
    const { status, body } = await send('GET', '/api/health', {
      headers: { ...FORWARDED, 'x-forwarded-host': 'evil.example' },
    });
    expect([status, body.message]).toEqual([403, expect.stringContaining('Host evil.example')]);
  });

  it('decides of which origin a page must be for its cookie to count, and whether the cookie is Secure', async () => {
    const { token, sendAs } = await startBehind(1);
    const login = await sendAs(FORWARDED, 'POST', '/api/login', { token });
    const [cookie = ''] = login.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Secure$/);
    const statusFrom = async (origin: string) =>
      (await sendAs({ ...FORWARDED, origin, cookie: cookie.split(';', 1)[0] ?? '' }, 'GET', '/api/sessions')).status;
    expect(await statusFrom('https://parley.example')).toBe(200);
    expect(await statusFrom('http://parley.example')).toBe(403);
    expect(await statusFrom('https://parley.example:8443')).toBe(403);
    const plain = await sendAs({}, 'POST', '/api/login', { token });
    expect(plain.headers['set-cookie']?.[0]).not.toContain('Secure');
  });

  it('refuses invalid proxies', async () => {
    for (const trustProxy of [0, 1.5, 17, ['10.0.0.0/99'], ['proxy.example']]) {
      await expect(startServer({ trustProxy })).rejects.toThrow(OptionError);
      await expect(startServer({ trustProxy })).rejects.toMatchObject({ option: 'trustProxy' });
    }
  });
});
