import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '@parleyhq/contract';
import { describe, expect, test } from 'vitest';
import { gone } from '../../test/socket-client.js';
import { SESSION, startSockets } from '../../test/start-sockets.js';

describe('the handshake', () => {
  test('is answered with the ack, always first', async () => {
    const { append, written, connect } = await startSockets();
    await append(2);
    const client = connect('?since=0');
    expect(await client.got(1)).toMatchObject({
      type: 'connection_ack',
      payload: {
        session_id: SESSION,
        connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        latest_event_id: 3,
        earliest_event_id: 1,
        heartbeat_interval_ms: 15_000,
        limits: { max_frame_bytes: 1_048_576, max_bad_frames: 16, max_frames_per_second: 100 },
      },
    });
    expect(await client.gotEvents(3)).toEqual(written);
  });

  test('selects parley.v1 and never echoes another subprotocol', async () => {
    const { connect } = await startSockets();
    const both = connect('', ['parley.bearer.secret', 'parley.v1']);
    await both.got(1);
    expect(both.webSocket.protocol).toBe('parley.v1');
    const none = connect('', []);
    await none.got(1);
    expect(none.webSocket.protocol).toBe('');
    const other = connect('', ['parley.bearer.secret']);
    expect((await other.closed).code).toBe(1006);
  });

  test('is refused with the error that admission throws, as an HTTP answer', async () => {
    const refuse = new ServiceError('Unauthorized', 'expected a credential', { retryAfter: 3 });
    const { refusal } = await startSockets(() => Promise.reject(refuse));
    const { status, headers, body } = await refusal();
    expect(status).toBe(401);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      connection: 'close',
      'retry-after': '3',
      'www-authenticate': 'Bearer',
    });
    expect(body).toMatchObject({ code: 'Unauthorized', message: 'expected a credential' });
  });

  test('is refused with an internal error that tells nothing when admission fails', async () => {
    const failure = new Error('a secret of the house');
    const { errors, refusal } = await startSockets(() => Promise.reject(failure));
    const { status, body } = await refusal();
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'InternalError' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(errors).toEqual([failure]);
  });

  test('must be one for a WebSocket, version 13, with a key', async () => {
    const { refusal } = await startSockets();
    expect(await refusal({ Upgrade: 'h2c' })).toMatchObject({ status: 426, body: { code: 'UpgradeRequired' } });
    expect(await refusal({ 'Sec-WebSocket-Version': '7' })).toMatchObject({
      status: 426,
      headers: { 'sec-websocket-version': '13' },
    });
    expect(await refusal({ 'Sec-WebSocket-Key': 'x' })).toMatchObject({
      status: 400,
      body: { code: 'InvalidRequest' },
    });
  });

  test('is refused when the session has as many connections as it may, until one leaves', async () => {
    const { server, connect, refusal } = await startSockets({}, { maxConnectionsPerSession: 2 });
    const first = connect();
    const second = connect();
    await Promise.all([first.got(1), second.got(1)]);
    expect(await refusal()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5' },
      body: { code: 'TooManyConnections' },
    });
    expect(() => server.checkCapacity(SESSION, 'owner')).toThrow('[TooManyConnections]');
    server.checkCapacity('another session', 'owner');
    first.webSocket.close();
    await first.closed;
    const third = connect();
    await third.got(1);
    expect(server.connections).toBe(2);
  });

  test('is refused when the server has as many connections as it may', async () => {
    const { connect, refusal } = await startSockets({}, { maxConnections: 1 });
    await connect().got(1);
    expect(await refusal()).toMatchObject({ status: 429, body: { code: 'TooManyConnections' } });
  });

  test('is refused when the account has as many connections as it may, whoever else has some', async () => {
    const account = (request: IncomingMessage) => request.headers['x-account']?.toString() ?? 'one';
    const limits = { maxConnectionsPerAccount: 2, maxConnectionsPerSession: 10 };
    const { server, connect, refusal } = await startSockets(async (request) => ({ account: account(request) }), limits);
    const [first, second] = [connect(), connect()];
    await Promise.all([first.got(1), second.got(1)]);
    expect(await refusal()).toMatchObject({
      status: 429,
      body: { code: 'TooManyConnections', message: 'expected at most 2 connections an account' },
    });
    server.checkCapacity(SESSION, 'another');
    first.webSocket.close();
    await first.closed;
    await connect().got(1);
  });

  test('of a peer that leaves meanwhile takes no place', async () => {
    const asked = new EventEmitter();
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { server, errors, serverSockets, connect } = await startSockets(async () => {
      asked.emit('asked');
      await gate;
      return {};
    });
    const client = connect();
    await once(asked, 'asked');
    client.webSocket.terminate();
    await client.closed;
    answer();
    await gone(serverSockets[0]!);
    expect(server.connections).toBe(0);
    expect(errors).toEqual([]);
  });
});
