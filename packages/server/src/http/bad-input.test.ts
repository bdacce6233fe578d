import { symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { strictResponseValidators } from '@parleyhq/contract';
import { describe, expect, it } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startServer } from '../../test/start-server.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const unknown = '/api/sessions/550e8400-e29b-41d4-a716-446655440000';

describe('bad input gets its own error, with the place and what was expected', () => {
  it('tells of a wrong type, an unknown property and a missing one', async () => {
    const { send } = await startServer();
    const { status, body, headers } = await send('POST', '/api/sessions', { body: { cwd: 5, colour: 'red' } });
    expect(status).toBe(400);
    expect(body).toEqual({
      code: 'InvalidRequest',
      message: expect.stringContaining('/body/cwd: expected string, got number'),
      details: [
        { pointer: '/body/cwd', message: 'expected string, got number' },
        { pointer: '/body/colour', message: 'expected no property of this name' },
      ],
      timestamp: expect.any(Number),
      request_id: expect.stringMatching(UUID),
    });
    expect(headers['x-request-id']).toBe(body.request_id);
    expect(strictResponseValidators.createSession[400](body)).toMatchObject({ ok: true });
    const missing = await send('POST', '/api/sessions', { body: {} });
    expect(missing.body.details).toEqual([{ pointer: '/body/cwd', message: 'expected a value, got nothing' }]);
  });

  it('takes U+FFFD for half of a character and for NUL, which strict readers refuse', async () => {
    const { send, project } = await startServer();
    const said = { cwd: project, title: 'x\ud83d', metadata: { 'a\udc00': 'b\0' } };
    const { body } = await send('POST', '/api/sessions', { body: said });
    expect(body).toMatchObject({ title: 'x\ufffd', metadata: { 'a\ufffd': 'b\ufffd' } });
  });

  it('tells of a submission what is wrong with the variant that was meant, not with the other four', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    const content = await send('POST', `${session}/submit`, { body: { type: 'user_message', content: 5 } });
    expect(content.body.details).toEqual([
      { pointer: '/body/content', message: 'expected string or array, got number' },
    ]);
    const type = await send('POST', `${session}/submit`, { body: { type: 'shout' } });
    expect(type.body.details).toMatchObject([{ pointer: '/body/type', message: expect.stringMatching(/"shout"$/) }]);
    const decision = await send('POST', `${session}/submit`, {
      body: { type: 'approval', approval_id: unknown.slice(-36), decision: 'perhaps' },
    });
    expect(decision.body.details).toMatchObject([{ pointer: '/body/decision' }]);
  });

  it('takes a valid submission of each variant, whatever the defaults of the others are', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    const approval = { type: 'approval', approval_id: unknown.slice(-36), decision: 'allow_once' };
    expect((await send('POST', `${session}/submit`, { body: approval })).body.code).toBe('ApprovalNotFound');
    const answer = { type: 'elicitation', elicitation_id: unknown.slice(-36), action: 'cancel' };
    expect((await send('POST', `${session}/submit`, { body: answer })).body.code).toBe('ApprovalNotFound');
    expect((await send('POST', `${session}/submit`, { body: { type: 'interrupt' } })).status).toBe(200);
    const { body } = await send('GET', `${session}/history?after=1`);
    expect(body.items.map((item: { payload: unknown }) => item.payload)).toContainEqual(
      expect.objectContaining({ type: 'submission_accepted', submission: { type: 'interrupt' } }),
    );
  });

  it('answers text that is not JSON, an empty body, bytes that are not UTF-8, endless nesting and endless values', async () => {
    const { send } = await startServer();
    const headers = { 'content-type': 'application/json' };
    const deep = `{"cwd":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    const many = `{"metadata":[${'0,'.repeat(100_000)}0]}`;
    for (const raw of ['{"cwd":', '', Buffer.from([0x22, 0xff, 0x22]), deep, many]) {
      const { status, body } = await send('POST', '/api/sessions', { headers, raw });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/body' }] });
      expect(body.details[0].message).toMatch(/^expected .*, got /);
    }
  });

  itInAll('takes a part of a parameter for one that it does not know', async () => {
    const { send } = await startServer();
    for (const name of ['limit[__proto__]', 'limit[a]', 'limit%5B__proto__%5D', 'status[]', 'nobody']) {
      const { status, body } = await send('GET', `/api/sessions?limit=5&${name}=1`);
      const message = 'expected no parameter of this name';
      const pointer = `/query/${decodeURIComponent(name)}`;
      expect([status, body.code, body.details]).toEqual([400, 'InvalidRequest', [{ pointer, message }]]);
    }
  });

  it('gives a request that breaks off no answer, which would keep its client from sending it again', async () => {
    const { url, bearer } = await startServer();
    const lines = ['POST /api/sessions HTTP/1.1', 'Host: localhost', `Authorization: ${bearer.authorization}`];
    const body = ['Content-Type: application/json', 'Content-Length: 100', '', '{"cwd":'];
    for (const sent of [lines, [...lines, ...body]]) {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
      socket.end(sent.join('\r\n'));
      expect(await text(socket).catch(() => '')).toBe('');
    }
  });

  it('refuses 10 MiB with 413, said beforehand or not, and goes on', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    const headers = { 'content-type': 'application/json' };
    const raw = Buffer.alloc(10 * 1_048_576, 0x20);
    const known = await send('POST', `${session}/submit`, { headers, raw });
    const chunked = await send('POST', `${session}/submit`, {
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      raw,
    });
    for (const { status, body } of [known, chunked]) {
      expect(status).toBe(413);
      expect(body).toMatchObject({ code: 'PayloadTooLarge', message: 'The body may have 8388608 bytes at most.' });
    }
    expect((await send('GET', session)).status).toBe(200);
  });

  itInAll('takes an image of 5 MiB, and refuses a larger one', async () => {
    const { send, createSession } = await startServer();
    const session = await createSession();
    const image = (bytes: number) => {
      const data = Buffer.alloc(bytes).toString('base64');
      const content = [{ type: 'image', mime_type: 'image/png', data }];
      return send('POST', `${session}/submit`, { body: { type: 'user_message', content } });
    };
    expect((await image(5 * 1_048_576)).status).toBe(200);
    const { body } = await image(5 * 1_048_576 + 3);
    expect(body).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/body/content/0/data' }] });
  });

  it('refuses another Content-Type, none, another charset and a compressed body with 415', async () => {
    const { send } = await startServer();
    const wrong: Record<string, string>[] = [
      { 'content-type': 'text/plain' },
      {},
      { 'content-type': 'application/json; charset=latin1' },
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    ];
    for (const headers of wrong) {
      const { status, body } = await send('POST', '/api/sessions', { headers, raw: '{"cwd":"/"}' });
      expect([status, body.code]).toEqual([415, 'UnsupportedMediaType']);
    }
    const headers = { 'content-type': 'Application/JSON; Charset="UTF-8"' };
    expect((await send('POST', '/api/sessions', { headers, raw: '{"cwd":"relative"}' })).status).toBe(400);
  });

  it('refuses a cwd that does not exist or lies outside the roots, also through a link', async () => {
    const { send, project, folder } = await startServer();
    await symlink(folder, join(project, 'way-out'));
    for (const cwd of [
      join(project, 'nowhere'),
      folder,
      '/',
      'project',
      join(project, 'way-out'),
      join(project, '..'),
    ]) {
      const { status, body } = await send('POST', '/api/sessions', { body: { cwd } });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/body/cwd' }] });
      expect(body.details[0].message).toMatch(/^expected .*, got /);
    }
  });

  itInAll('refuses an unknown agent, and one that is not installed', async () => {
    const { send, project } = await startServer({ env: { PATH: '/nowhere' } });
    const nobody = await send('POST', '/api/sessions', { body: { cwd: project, agent: 'nobody' } });
    expect(nobody.status).toBe(400);
    expect(nobody.body).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/body/agent' }] });
    const codex = await send('POST', '/api/sessions', { body: { cwd: project, agent: 'codex' } });
    expect([codex.status, codex.body.code]).toEqual([502, 'AgentUnavailable']);
  });

  it('answers an unknown session, a malformed id and an id that cannot be decoded alike, before the body is looked at', async () => {
    const { send } = await startServer();
    for (const id of [
      '550e8400-e29b-41d4-a716-446655440000',
      'x',
      '%zz',
      'x'.repeat(200),
      'x'.repeat(8_000),
      '__proto__',
    ]) {
      for (const [method, rest] of [
        ['GET', ''],
        ['POST', '/submit'],
        ['GET', '/events'],
        ['DELETE', ''],
        ['GET', '/history?limit=0'],
      ]) {
        const { status, body } = await send(method ?? '', `/api/sessions/${id}${rest}`, {
          raw: method === 'POST' ? '{' : undefined,
        });
        expect([status, body.code]).toEqual([404, 'SessionNotFound']);
      }
    }
  });

  it('answers an unknown path with 404 and another method with 405 and Allow', async () => {
    const { send } = await startServer();
    for (const path of [
      '/',
      '/api',
      '/api/sessions/',
      '/API/health',
      '/api/health/',
      '//api/health',
      '/api/sessions//submit',
    ]) {
      const { status, body } = await send('GET', path);
      expect([path, status, body.code]).toEqual([path, 404, 'NotFound']);
    }
    const { status, body, headers } = await send('PUT', '/api/sessions');
    expect([status, body.code, headers.allow]).toEqual([405, 'MethodNotAllowed', 'GET, POST']);
    expect((await send('DELETE', '/api/health')).headers.allow).toBe('GET');
  });

  it('names the query parameter and the header that do not fit', async () => {
    const { send } = await startServer();
    const limit = await send('GET', '/api/sessions?limit=1000&status=asleep');
    expect(limit.body.details).toEqual([
      { pointer: '/query/limit', message: 'expected a number <= 100, got 1000' },
      { pointer: '/query/status', message: expect.stringMatching(/^expected one of idle, .*, got "asleep"$/) },
    ]);
    for (const query of ['nothing=1', 'limit=', 'limit=1&limit=2', 'limit[a]=1', '__proto__[a]=1']) {
      const { status, body } = await send('GET', `/api/sessions?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(body.details[0].pointer).toMatch(/^\/query\//);
    }
    const key = await send('POST', '/api/sessions', { headers: { 'idempotency-key': 'a b' }, body: { cwd: '/' } });
    expect(key.body.details).toMatchObject([{ pointer: '/headers/idempotency-key' }]);
  });

  itInAll('bounds metadata, and what it says of a name without end', async () => {
    const { send, project } = await startServer();
    const metadata = { note: 'x'.repeat(16_384) };
    const large = await send('POST', '/api/sessions', { body: { cwd: project, metadata } });
    expect(large.body.details).toEqual([
      { pointer: '/body/metadata', message: 'expected at most 16384 bytes as JSON, got 16395' },
    ]);
    const long = await send('POST', '/api/sessions', { body: { cwd: project, ['n'.repeat(500_000)]: 1 } });
    expect(long.status).toBe(400);
    expect(long.text.length).toBeLessThan(10_000);
  });

  it('answers bytes that are not HTTP', async () => {
    const { url } = await startServer();
    const { connect } = await import('node:net');
    const { port } = new URL(url);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('HELO parley\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('close', () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'InvalidRequest' });
  });
});
