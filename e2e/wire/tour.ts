import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { find, type Json, operations } from '../shared/document.js';
import { serve, untilListening } from '../shared/serve.js';
import { recordingOptions } from './wire-log.mjs';

const UNKNOWN = '550e8400-e29b-41d4-a716-446655440000';

/** Sends a request and resolves with the JSON of the answer. A text is sent as the body unchanged. */
type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Json>;

/** More bytes than a body may have. */
const TOO_LONG = `"${'x'.repeat(1_100_000)}"`;

/**
 * Causes, on a separate server, what the recorded suites do not cause: refusals of the less common operations, close
 * codes, a full queue.
 */
export async function makeTour(log: string): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-tour-')));
  const project = join(folder, 'project');
  await mkdir(project);
  const server = await serve({
    ...{ root: project, dataDir: join(folder, 'data') },
    config: { limits: { max_queued_turns: 1 } },
    env: { PARLEY_DEMO_PACE: '0', PARLEY_LOG_LEVEL: 'error', NODE_OPTIONS: recordingOptions(log, 'tour') },
  });
  try {
    const { url, token } = await untilListening(server);
    const authorization = { Authorization: `Bearer ${token}` };
    const call: Call = async (method, path, body, headers) => {
      const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const json = { 'Content-Type': 'application/json' };
      const response = await fetch(url + path, {
        method,
        headers: { ...authorization, ...json, ...headers },
        ...content,
      });
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
      return isJson ? ((await response.json()) as Json) : null;
    };
    const connectTo = (session: string) => connectAs(url, session, authorization);
    await meetRefusals(call, project);
    await meetChecks(call, project);
    await meetPatches(call, project, connectTo);
    await meetApprovals(call, project, connectTo);
    await meetCloses(call, project, connectTo);
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function meetRefusals(call: Call, cwd: string): Promise<void> {
  const key = { 'Idempotency-Key': 'tour' };
  const id = idOf(await call('POST', '/api/sessions', { cwd }, key));
  await call('POST', '/api/sessions', { cwd, title: 'Another one' }, key);
  await call('PUT', '/api/sessions');
  await call('DELETE', `/api/sessions/${id}?purge=maybe`);
  await call('GET', `/api/sessions/${id}/patch`);
  await call('POST', `/api/sessions/${id}/apply_patch`, { what: 1 });
  await call('POST', `/api/sessions/${id}/revert_patch`, {});
  await call('POST', `/api/sessions/${id}/revert_patch`, { patch_id: UNKNOWN });
  await call('POST', `/api/sessions/${id}/fork`, {}, key);
  await call('POST', `/api/sessions/${id}/fork`, { after_event_id: 1_000 }, key);
  await call('POST', `/api/sessions/${id}/fork`, { after_event_id: 1_000 });
  await call('GET', `/api/agents/demo/sessions?cwd=${encodeURIComponent(cwd)}`);
  await call('GET', `/api/agents/nobody/sessions?cwd=${encodeURIComponent(cwd)}`);
}

/** The checks before each operation. */
async function meetChecks(call: Call, cwd: string): Promise<void> {
  const id = idOf(await call('POST', '/api/sessions', { cwd }));
  for (const { method, path, bodies } of operations) {
    const target = path.replace('{session_id}', id).replace('{agent}', 'demo');
    await call(method, target, undefined, { Origin: 'https://evil.example' });
    await call(method, target, undefined, { Authorization: 'Bearer nobody' });
    if (bodies.length === 0) continue;
    await call(method, target, 'hello', { 'Content-Type': 'text/plain' });
    await call(method, target, TOO_LONG);
  }
}

async function meetPatches(call: Call, cwd: string, connectTo: ConnectTo): Promise<void> {
  const created = await call('POST', '/api/sessions', { cwd, workspace: 'isolated', approval_policy: 'auto' });
  const session = `/api/sessions/${idOf(created)}`;
  const socket = await connectTo(idOf(created));
  socket.send({ type: 'heartbeat', id: '1', timestamp: Date.now(), payload: {} });
  await socket.until('heartbeat');
  const configure = { type: 'configure', config_id: 'mode', value: 'auto' };
  socket.send({ type: 'submission', id: '2', timestamp: Date.now(), payload: configure });
  await call('POST', `${session}/submit`, { type: 'user_message', content: 'Hello' });
  await socket.until('turn_completed');
  const patch = find(await call('GET', `${session}/patch`), 'patch_id');
  await call('POST', `${session}/apply_patch`, { patch_id: patch });
  await call('POST', `${session}/revert_patch`, { patch_id: patch });
  await socket.until('patch_reverted');
  await call('DELETE', session);
  await socket.closed;
}

async function meetApprovals(call: Call, cwd: string, connectTo: ConnectTo): Promise<void> {
  const id = idOf(await call('POST', '/api/sessions', { cwd }));
  const socket = await connectTo(id);
  const submit = (body: unknown) => call('POST', `/api/sessions/${id}/submit`, body);
  await submit({ type: 'user_message', content: 'Hello' });
  const approval = find(await socket.until('approval_requested'), 'payload', 'approval', 'approval_id');
  // One message waits in the queue; there is no room for a second one.
  for (let count = 0; count < 2; count += 1) await submit({ type: 'user_message', content: 'And then?' });
  const answer = { type: 'approval', approval_id: approval, decision: 'reject_once' };
  await submit(answer);
  await submit(answer);
  await call('DELETE', `/api/sessions/${id}?purge=true`);
  await socket.closed;
}

async function meetCloses(call: Call, cwd: string, connectTo: ConnectTo): Promise<void> {
  const id = idOf(await call('POST', '/api/sessions', { cwd }));
  const tooLong = await connectTo(id);
  tooLong.send('x'.repeat(1_048_577));
  await tooLong.closed;
  const noText = await connectTo(id);
  noText.sendBytes(Buffer.from([0xff]));
  await noText.closed;
  const bad = await connectTo(id);
  for (let count = 0; count < 20; count += 1) bad.send({});
  await bad.closed;
  const purged = await connectTo(id);
  await call('DELETE', `/api/sessions/${id}?purge=true`);
  await purged.closed;
}

interface Socket {
  send(frame: unknown): void;
  /** Sends bytes as a text frame. */
  sendBytes(bytes: Buffer): void;
  /** Waits for the first frame of a type, or with an event of that type. */
  until(type: string): Promise<Json>;
  readonly closed: Promise<void>;
}

type ConnectTo = (session: string) => Promise<Socket>;

async function connectAs(url: string, session: string, headers: Record<string, string>): Promise<Socket> {
  const address = `${url.replace('http', 'ws')}/api/sessions/${session}/events?since_event_id=0`;
  const socket = new WebSocket(address, 'parley.v1', { headers });
  const frames: Json[] = [];
  socket.on('message', (text) => frames.push(JSON.parse(String(text))));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'message');
  return {
    closed,
    send: (frame) => socket.send(JSON.stringify(frame)),
    sendBytes: (bytes) => socket.send(bytes, { binary: false }),
    async until(type) {
      for (;;) {
        const found = frames.find((frame) => [find(frame, 'type'), find(frame, 'payload', 'type')].includes(type));
        if (found !== undefined) return found;
        await Promise.race([once(socket, 'message'), closed.then(() => Promise.reject(new Error(`no ${type} came`)))]);
      }
    },
  };
}

function idOf(session: Json): string {
  const id = find(session, 'session_id');
  if (typeof id !== 'string') throw new Error(`no session was created: ${JSON.stringify(session)}`);
  return id;
}
