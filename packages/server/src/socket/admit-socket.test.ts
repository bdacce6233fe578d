import { on, once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startServer } from '../../test/start-server.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';

/** The status and the body that a handshake is refused with. */
async function refusal(url: string, headers: Record<string, string>) {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  const [, response] = await once(socket, 'unexpected-response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, requestId: response.headers['x-request-id'], body: JSON.parse(text) };
}

describe('a handshake', () => {
  it('is refused with the answer that a probe of the same address gets', async () => {
    const { url, bearer, send, sendAs, createSession } = await startServer({ limits: { maxConnectionsPerSession: 1 } });
    const session = await createSession();
    await once(new WebSocket(`${url.replace('http', 'ws')}${session}/events`, { headers: bearer }), 'open');
    const cases: [string, Record<string, string>, number][] = [
      [`${session}/events`, { ...bearer, origin: 'https://evil.example' }, 403],
      [`${session}/events`, {}, 401],
      [`/api/sessions/${ID}/events`, bearer, 404],
      ['/api/sessions/%zz/events?since_event_id=x', bearer, 404],
      ['/api/sessions', bearer, 200],
      ['/api/nothing', bearer, 404],
      [`${session}/events?since_event_id=x`, bearer, 400],
      [`${session}/events?since_event_id=-1`, bearer, 400],
      [`${session}/events?since_event_id=1&since_event_id=2`, bearer, 400],
      [`${session}/events?token=x`, bearer, 400],
      [`${session}/events?since_event_id=900`, bearer, 409],
      [`${session}/events`, bearer, 429],
      // Another version of the protocol is looked at last.
      [`${session}/events`, { 'sec-websocket-version': '8' }, 401],
    ];
    for (const [path, headers, status] of cases) {
      const probe = await sendAs(headers, 'GET', path);
      const socket = await refusal(url + path, headers);
      expect([path, probe.status]).toEqual([path, status]);
      if (path === '/api/sessions') {
        expect([socket.status, socket.body.code]).toEqual([404, 'NotFound']);
      } else {
        expect([path, socket.status, socket.body.code]).toEqual([path, status, probe.body.code]);
        const pointers = (body: { details?: { pointer: string }[] }) => body.details?.map(({ pointer }) => pointer);
        expect(pointers(socket.body)).toEqual(pointers(probe.body));
        expect(socket.body.request_id).toEqual(socket.requestId);
      }
    }
    expect((await send('GET', session)).status).toBe(200);
  });

  it('is refused without a body where it is a HEAD, to which no answer has one', async () => {
    const { url } = await startServer();
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
    const lines = [`HEAD /api/sessions/${ID}/events HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade'];
    socket.write(`${[...lines, 'Upgrade: websocket'].join('\r\n')}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 [^{]*\r\n\r\n$/);
  });

  it('lets in a peer whose submissions are checked like those over REST, and told when they are repeated', async () => {
    const { url, bearer, createSession } = await startServer();
    const socket = new WebSocket(`${url.replace('http', 'ws')}${await createSession()}/events`, { headers: bearer });
    const messages = on(socket, 'message');
    const answerTo = async (id: string, payload: object | string) => {
      const json = typeof payload === 'string' ? payload : JSON.stringify(payload);
      socket.send(`{"type":"submission","id":"${id}","timestamp":${Date.now()},"payload":${json}}`);
      for (;;) {
        const { value } = await messages.next();
        const frame = JSON.parse(String(value[0]));
        if (frame.payload.in_reply_to === id || frame.payload.submission_id === id) return frame;
      }
    };
    await once(socket, 'open');
    const large = await answerTo('1', { type: 'interrupt', metadata: { note: 'x'.repeat(20_000) } });
    expect(large).toMatchObject({
      type: 'error',
      payload: { code: 'InvalidRequest', details: [{ pointer: '/frame/payload/metadata' }] },
    });
    for (const depth of [64, 7_000, 200_000]) {
      const list = '['.repeat(depth) + ']'.repeat(depth);
      const deep = await answerTo(`deep ${depth}`, `{"type":"interrupt","metadata":{"list":${list}}}`);
      expect(deep.payload).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/frame/payload' }] });
    }
    const first = await answerTo('2', { type: 'interrupt', submission_id: '2' });
    expect(first).toMatchObject({ type: 'event', payload: { type: 'submission_accepted' } });
    const second = await answerTo('3', { type: 'interrupt', submission_id: '2' });
    expect(second).toMatchObject({ type: 'error', payload: { code: 'DuplicateSubmission', event_id: first.id } });
    socket.close();
  });
});
