import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { itInAll } from '../../../../scripts/test-forms.js';
import type { Sent } from '../../test/request.js';
import { startServer, temporaryFolder } from '../../test/start-server.js';
import type { ServerOptions } from '../options.js';
import type { AuditEntry } from './audit.js';

const SECRET = 'what people say is no matter of the audit';

async function startAudited(options: Partial<ServerOptions> = {}) {
  const auditLog = join(await temporaryFolder(), 'audit.log');
  const started = await startServer({ auditLog, ...options });
  const text = () => readFile(auditLog, 'utf8');
  return {
    ...started,
    auditLog,
    text,
    /** The lines so far: each is written before its answer is. */
    entries: async (): Promise<(AuditEntry & { audit: true; time: string })[]> =>
      (await text())
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}

describe('the audit log', () => {
  it('tells of each command who sent it, with what, from where, to which session, and how it ended', async () => {
    const { send, project, entries, text } = await startAudited();
    const sent = (path: string, body?: Sent['body'], method = 'POST') => send(method, path, { body });
    const created = await sent('/api/sessions', { cwd: project, title: SECRET, approval_policy: 'ask' });
    const { session_id } = created.body;
    const path = `/api/sessions/${session_id}`;
    const message = await sent(`${path}/submit`, { type: 'user_message', content: SECRET, metadata: { a: SECRET } });
    const approval_id = '550e8400-e29b-41d4-a716-446655440000';
    await sent(`${path}/submit`, { type: 'approval', approval_id, decision: 'allow_once' });
    await sent(`${path}/revert_patch`, { patch_id: approval_id });
    await sent(path, undefined, 'DELETE');
    await sent(`${path}?purge=true`, undefined, 'DELETE');
    await sent('/api/sessions', undefined, 'GET');
    const common = {
      level: 'info',
      audit: true,
      account: 'owner',
      credential: 'access-token',
      ip: '127.0.0.1',
      request_id: expect.any(String),
      time: expect.any(String),
      msg: 'audit',
      session_id,
    };
    const { submission_id } = message.body;
    expect(await entries()).toEqual([
      expect.objectContaining({ ...common, action: 'create_session', outcome: 'ok', approval_policy: 'ask' }),
      expect.objectContaining({ ...common, action: 'submit', kind: 'user_message', outcome: 'ok', submission_id }),
      expect.objectContaining({
        ...common,
        ...{ action: 'submit', kind: 'approval', approval_id, decision: 'allow_once', outcome: 'ApprovalNotFound' },
      }),
      expect.objectContaining({ ...common, action: 'revert_patch', patch_id: approval_id, outcome: 'NothingToRevert' }),
      { ...common, action: 'close_session', outcome: 'ok' },
      { ...common, action: 'purge_session', outcome: 'ok' },
    ]);
    expect((await entries())[0]?.request_id).toBe(created.headers['x-request-id']);
    expect(await text()).not.toContain(SECRET);
  });

  itInAll('tells of an applied patch, and of what comes over a socket', async () => {
    const { send, project, entries, url, bearer } = await startAudited();
    const body = { cwd: project, workspace: 'isolated' };
    const created = await send('POST', '/api/sessions', { body });
    const path = `/api/sessions/${created.body.session_id}`;
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}/events`, { headers: bearer });
    await once(socket, 'open');
    const payload = { type: 'user_message', content: '/edits', metadata: {} };
    socket.send(JSON.stringify({ type: 'submission', id: '1', timestamp: Date.now(), payload }));
    await new Promise<void>((resolve) => {
      socket.on('message', (data) => String(data).includes('"turn_completed"') && resolve());
    });
    const applied = await send('POST', `${path}/apply_patch`, { body: {} });
    expect(applied.status).toBe(200);
    const { patch_id, files } = applied.body;
    expect((await entries()).slice(1)).toMatchObject([
      { action: 'submit', kind: 'user_message', outcome: 'ok', ip: '127.0.0.1', account: 'owner' },
      { action: 'apply_patch', outcome: 'ok', patch_id, files: files.length },
    ]);
  });

  it('names logins by an id that is not a secret', async () => {
    const { sendAs, token, entries, text } = await startAudited();
    const { body } = await sendAs({}, 'POST', '/api/login', { token });
    await sendAs({}, 'POST', '/api/login', { token: `${token}x` });
    await sendAs({ authorization: `Bearer ${body.access_token}` }, 'POST', '/api/logout');
    const [login, failed, logout] = await entries();
    expect(login).toMatchObject({ action: 'login', outcome: 'ok', account: 'owner', scope: 'control' });
    expect(failed).toMatchObject({ action: 'login', outcome: 'Unauthorized' });
    expect(logout).toMatchObject({ action: 'logout', outcome: 'ok', credential: login?.credential });
    expect(login?.credential).toMatch(/^[0-9a-f]{16}$/);
    for (const secret of [token, body.access_token]) expect(await text()).not.toContain(secret);
  });

  it('tells of what was not let in, so many a minute, and counts the rest', async () => {
    const limits = { maxAuditedRefusalsPerMinute: 3 };
    const { sendAs, url, bearer, entries, createSession } = await startAudited({ limits });
    const session = await createSession();
    await sendAs({}, 'GET', session);
    await sendAs({ ...bearer, origin: 'https://evil.example' }, 'GET', session);
    const socket = new WebSocket(`${url.replace('http', 'ws')}${session}/events`);
    await once(socket, 'error');
    const session_id = session.slice(-36);
    expect((await entries()).slice(1)).toMatchObject([
      { action: 'refused', outcome: 'Unauthorized', ip: '127.0.0.1', reason: expect.stringContaining('No credential') },
      { action: 'refused', outcome: 'Forbidden', reason: expect.stringContaining('Origin https://evil.example') },
      { action: 'refused', outcome: 'Unauthorized', operation: 'events', session_id },
    ]);
    for (let n = 0; n < 10; n += 1) await sendAs({ authorization: 'Bearer x' }, 'GET', session);
    expect((await entries()).length).toBeLessThan(10);
  });

  it('is a file for its owner only, which is appended to, or lines of the log', async () => {
    const { auditLog, server, createSession } = await startAudited();
    await createSession();
    await server.close();
    expect((await stat(auditLog)).mode & 0o777).toBe(0o600);
    const again = await startServer({ auditLog });
    await again.createSession();
    expect((await readFile(auditLog, 'utf8')).trim().split('\n')).toHaveLength(2);
    expect(again.lines.join('')).not.toContain('create_session');
    const without = await startServer();
    await without.createSession();
    const lines = without.lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit);
    expect(lines).toMatchObject([{ action: 'create_session', outcome: 'ok', msg: 'audit' }]);
  });

  it('is an option that makes no sense where the file cannot be written', async () => {
    const auditLog = await temporaryFolder();
    await expect(startServer({ auditLog })).rejects.toMatchObject({ option: 'auditLog' });
  });
});
