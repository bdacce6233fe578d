import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strictResponseValidators } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startServer } from '../../test/start-server.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The frames of a socket as they come, from before it is open. */
function framesOf(socket: WebSocket) {
  const texts: string[] = [];
  let wake: () => void = () => undefined;
  socket.on('message', (data) => {
    texts.push(String(data));
    wake();
  });
  return {
    texts,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into frames as a plain client would.
    async until(isIt: (frame: any) => boolean): Promise<any> {
      for (let next = 0; ; ) {
        const text = texts[next];
        if (text === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else {
          next += 1;
          if (isIt(JSON.parse(text))) return JSON.parse(text);
        }
      }
    },
  };
}

describe('what the first specification shows, field for field, with a plain client', () => {
  it('creates a session with every basic setting', async () => {
    const { send, project, url } = await startServer();
    const { status, body, headers } = await send('POST', '/api/sessions', {
      body: { cwd: project, model: 'claude-3-sonnet', oss: false, web_search: true, config_profile: 'default' },
    });
    expect(status).toBe(201);
    expect(Object.keys(body).slice(0, 3)).toEqual(['session_id', 'ws_url', 'http_url']);
    expect(body.session_id).toMatch(UUID);
    expect(body.http_url).toBe(`${url}/api/sessions/${body.session_id}`);
    expect(body.ws_url).toBe(`${url.replace('http', 'ws')}/api/sessions/${body.session_id}/events`);
    expect(body).toMatchObject({ cwd: project, agent: 'demo', model: 'claude-3-sonnet', oss: false, web_search: true });
    expect(headers.location).toBe(body.http_url);
    const { pathname } = new URL(body.http_url);
    // The demo agent tells of its commands just after its start; then nothing changes any more.
    await expect.poll(async () => (await send('GET', pathname)).body.commands).not.toEqual([]);
    const { body: got } = await send('GET', pathname);
    expect(strictResponseValidators.getSession[200](got)).toMatchObject({ ok: true });
    expect((await send('GET', '/api/sessions')).body).toEqual({ sessions: [got], next_cursor: null });
  });

  itInAll('gives addresses that the client can use: those of its Host, or of the public URL', async () => {
    const plain = await startServer();
    const { body } = await plain.send('POST', '/api/sessions', {
      headers: { host: 'localhost:9999' },
      body: { cwd: plain.project },
    });
    expect(body.ws_url).toMatch(/^ws:\/\/localhost:9999\/api\//);
    const proxied = await startServer({ publicUrl: 'https://parley.example/base/' });
    const { body: behind } = await proxied.send('POST', '/api/sessions', { body: { cwd: proxied.project } });
    expect(behind.http_url).toBe(`https://parley.example/base/api/sessions/${behind.session_id}`);
    expect(behind.ws_url).toMatch(/^wss:\/\/parley\.example\/base\/api\//);
  });

  it('submits, streams, applies the patch, and history is what the socket sent, byte for byte', async () => {
    const { send, url, bearer, project, createSession } = await startServer();
    const session = await createSession();
    const socket = new WebSocket(`${url.replace('http', 'ws')}${session}/events?since_event_id=0`, { headers: bearer });
    const frames = framesOf(socket);
    await once(socket, 'open');
    const ack = await frames.until(() => true);
    expect(ack).toMatchObject({ type: 'connection_ack', timestamp: expect.any(Number), payload: expect.any(Object) });

    const submitted = await send('POST', `${session}/submit`, {
      body: { type: 'user_message', content: '请帮我实现一个排序函数', metadata: {} },
    });
    expect([submitted.status, submitted.body.status, typeof submitted.body.timestamp]).toEqual([
      200,
      'submitted',
      'number',
    ]);
    const wanted = await frames.until(({ payload }) => payload.type === 'approval_requested');
    expect(wanted).toMatchObject({ type: 'event', id: expect.any(Number), timestamp: expect.any(Number) });

    const { body: patch } = await send('GET', `${session}/patch`);
    expect(patch.files).toMatchObject([{ path: 'sort.ts', change: 'added' }]);
    const applied = await send('POST', `${session}/apply_patch`);
    expect([applied.status, applied.body.status, typeof applied.body.timestamp]).toEqual([200, 'applied', 'number']);
    expect(await readFile(join(project, 'sort.ts'), 'utf8')).toContain('export function sort');

    const end = await frames.until(({ payload }) => payload.type === 'turn_completed');
    expect(end.payload).toMatchObject({ status: 'completed' });
    socket.close();
    const sent = frames.texts.filter((text) => JSON.parse(text).type === 'event' && JSON.parse(text).id <= end.id);
    const page = await send('GET', `${session}/history?limit=${end.id}`);
    expect(page.text.startsWith(`{"items":[${sent.join(',')}],"next_after":`)).toBe(true);
    expect(strictResponseValidators.getHistory[200](page.body)).toMatchObject({ ok: true });
  });

  it('pages through history', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    await send('POST', `${session}/submit`, { body: { type: 'interrupt' } });
    const first = (await send('GET', `${session}/history?limit=1`)).body;
    expect(first).toMatchObject({ items: [{ id: 1, payload: { type: 'session_created' } }], next_after: 1 });
    const rest = (await send('GET', `${session}/history?after=1`)).body;
    expect(rest.next_after).toBeNull();
    expect(rest.items.at(-1).id).toBe(rest.latest_event_id);
    const ahead = await send('GET', `${session}/history?after=900`);
    expect([ahead.status, ahead.body.code]).toEqual([409, 'CursorAhead']);
  });

  it('is healthy', async () => {
    const { sendAs, createSession } = await startServer();
    await createSession();
    const { status, body } = await sendAs({}, 'GET', '/api/health');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'healthy',
      timestamp: expect.any(Number),
      session_count: 0, // without a credential nobody's sessions are counted
      uptime: expect.any(Number),
    });
    expect(Number.isInteger(body.uptime)).toBe(true);
  });

  it('has the error table: 400, 401, 404, 429 and 500', async () => {
    const { send, sendAs, createSession, server, project, url, bearer } = await startServer({
      limits: { maxSessions: 1, maxConnectionsPerSession: 1 },
    });
    const session = await createSession();
    await once(new WebSocket(`${url.replace('http', 'ws')}${session}/events`, { headers: bearer }), 'open');
    const invalid = await send('POST', `${session}/submit`, { body: {} });
    expect([invalid.status, invalid.body.code]).toEqual([400, 'InvalidRequest']);
    const nobody = await sendAs({}, 'GET', session);
    expect([nobody.status, nobody.body.code]).toEqual([401, 'Unauthorized']);
    const lost = await send('GET', '/api/sessions/none');
    expect([lost.status, lost.body.code]).toEqual([404, 'SessionNotFound']);
    const crowded = await send('GET', `${session}/events`);
    expect([crowded.status, crowded.body.code]).toEqual([429, 'TooManyConnections']);
    expect(Number(crowded.headers['retry-after'])).toBeGreaterThan(0);
    const many = await send('POST', '/api/sessions', { body: { cwd: project } });
    expect([many.status, many.body.code]).toEqual([429, 'TooManySessions']);
    // A catalog that breaks is a mistake of the server, and the client is told no more than where to look.
    Object.assign(server.agents, { list: () => [{ name: 'Not A Name', title: 'x', supports: {}, notes: [] }] });
    const broken = await send('GET', '/api/agents');
    expect([broken.status, broken.body.code]).toEqual([500, 'InternalError']);
    expect(broken.text).not.toContain('Not A Name');
    for (const { body, headers } of [invalid, nobody, lost, crowded, many, broken]) {
      expect(body).toMatchObject({ message: expect.any(String), timestamp: expect.any(Number) });
      expect(body.request_id).toBe(headers['x-request-id']);
    }
  });

  it('tells why a socket would be refused, and that it would be let in', async () => {
    const { send, sendAs, createSession } = await startServer();
    const session = await createSession();
    const open = await send('GET', `${session}/events?since_event_id=1`);
    expect([open.status, open.body.code, open.headers.upgrade]).toEqual([426, 'UpgradeRequired', 'websocket']);
    const ahead = await send('GET', `${session}/events?since_event_id=900`);
    expect([ahead.status, ahead.body.code]).toEqual([409, 'CursorAhead']);
    const wrong = await send('GET', `${session}/events?since_event_id=-1`);
    expect(wrong.body.details).toMatchObject([{ pointer: '/query/since_event_id' }]);
    expect((await sendAs({}, 'GET', `${session}/events`)).status).toBe(401);
  });

  it('closes a session, twice without an error, and purges it', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    expect((await send('DELETE', session)).status).toBe(204);
    expect((await send('DELETE', session)).status).toBe(204);
    expect((await send('GET', session)).body.status).toBe('closed');
    const refused = await send('POST', `${session}/submit`, { body: { type: 'user_message', content: 'hello' } });
    expect([refused.status, refused.body.code]).toEqual([409, 'SessionClosed']);
    expect((await send('DELETE', `${session}?purge=true`)).status).toBe(204);
    expect((await send('GET', session)).status).toBe(404);
  });
});
