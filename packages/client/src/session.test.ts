import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../test/peer.js';
import { sendError, sendJson } from '../test/peer-answers.js';
import { notice, SESSION, TURN } from '../test/peer-session.js';
import { type Client, createClient } from './create-client.js';
import type { Session } from './session.js';

const PATCH = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f08';
const OTHER_PATCH = '7a0f3f0c-58f1-4d0b-9d6c-1b6c4a5c2f09';

let peer: Peer;
let client: Client;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  client = createClient({ baseUrl: peer.url, token: 'secret', backoff: { base: 1, max: 5 } });
  session = await client.sessions.get(SESSION);
});
afterEach(() => peer[Symbol.asyncDispose]());

/** The body of the last request that was a POST. */
function lastBody(): unknown {
  return JSON.parse(peer.requests.findLast(({ method }) => method === 'POST')?.body ?? 'null');
}

describe('client.sessions', () => {
  test('list goes through all pages as the loop does', async () => {
    const pages = ['a', 'b', null];
    peer.answer = ({ query, response }) => {
      const next_cursor = pages[query.has('cursor') ? pages.indexOf(query.get('cursor')) + 1 : 0]!;
      return sendJson(response, 200, { sessions: [peer.session, peer.session], next_cursor });
    };
    let count = 0;
    for await (const listed of client.sessions.list({ status: 'idle', pageSize: 2 })) {
      expect(listed.id).toBe(SESSION);
      // A page is fetched once the loop needs it.
      expect(peer.requests).toHaveLength(2 + Math.floor(count / 2));
      count++;
    }
    expect(count).toBe(6);
    expect(peer.requests.slice(1).map(({ query }) => query.toString())).toEqual([
      'status=idle&limit=2',
      'status=idle&limit=2&cursor=a',
      'status=idle&limit=2&cursor=b',
    ]);
  });

  test('a base URL may have a path and a slash at its end', async () => {
    peer.answer = ({ path, response }) => {
      expect(path).toBe(`/proxy/api/sessions/${SESSION}`);
      return sendJson(response, 200, peer.session);
    };
    await createClient({ baseUrl: `${peer.url}/proxy/`, token: 'secret' }).sessions.get(SESSION);
  });
});

test('a base URL without a scheme is refused, with what was meant', () => {
  expect(() => createClient({ baseUrl: 'localhost:8080' })).toThrow('such as http://localhost:8080');
});

describe('a session handle', () => {
  test('submits what is no message and gives the answer', async () => {
    const answer = await session.submit({ type: 'interrupt', clear_queue: true });
    expect(answer).toMatchObject({ status: 'submitted', event_id: 2 });
    expect(lastBody()).toEqual({ type: 'interrupt', clear_queue: true });
  });

  test('uses the submission_id as the key', async () => {
    await session.submit({ type: 'user_message', content: 'Hello', submission_id: 'mine' });
    expect(peer.requests.at(-1)?.headers['idempotency-key']).toBe('mine');
  });

  test('approves by decision, by option and by default', async () => {
    await session.approve(PATCH);
    expect(lastBody()).toEqual({ type: 'approval', approval_id: PATCH, decision: 'allow_once' });
    await session.approve(PATCH, 'reject_once');
    expect(lastBody()).toEqual({ type: 'approval', approval_id: PATCH, decision: 'reject_once' });
    await session.approve(PATCH, { option_id: 'allow' });
    expect(lastBody()).toEqual({ type: 'approval', approval_id: PATCH, option_id: 'allow' });
  });

  test('answers a question with an action or with content', async () => {
    await session.answer(PATCH, 'decline');
    expect(lastBody()).toEqual({ type: 'elicitation', elicitation_id: PATCH, action: 'decline' });
    await session.answer(PATCH, { language: 'TypeScript' });
    expect(lastBody()).toEqual({
      type: 'elicitation',
      elicitation_id: PATCH,
      action: 'accept',
      content: { language: 'TypeScript' },
    });
  });

  test('interrupts and configures', async () => {
    const turn = await session.submit('Hello');
    await session.interrupt({ turn, clearQueue: true });
    expect(lastBody()).toEqual({ type: 'interrupt', turn_id: TURN, clear_queue: true });
    await session.interrupt();
    expect(lastBody()).toEqual({ type: 'interrupt' });
    await session.configure('mode', 'plan');
    expect(lastBody()).toEqual({ type: 'configure', config_id: 'mode', value: 'plan' });
  });

  test('reviews a patch that an event announces, and passes over one that is pending no more', async () => {
    let pending: string | undefined = PATCH;
    const files = [{ path: 'sort.ts', change: 'added' as const, additions: 1, deletions: 0 }];
    peer.answer = ({ path, body, response }) => {
      if (pending === undefined) return sendError(response, 409, 'NoPendingPatch');
      if (path.endsWith('/patch')) {
        const patch = { patch_id: pending, files, diff: '', exact: true, applicable: true, conflicts: [] };
        return sendJson(response, 200, patch);
      }
      const patch_id = JSON.parse(body).patch_id;
      if (patch_id !== pending) return sendError(response, 409, 'PatchSuperseded');
      pending = undefined;
      return sendJson(response, 200, { status: 'applied', timestamp: 1, patch_id, files });
    };
    const announced = (patch_id: string) =>
      ({ id: 1, timestamp: 1, type: 'patch_updated', patch: { patch_id, files, additions: 1, deletions: 0 } }) as never;
    const seen: string[] = [];
    const decide = (answer: boolean) => (patch: { patch_id: string }) => {
      seen.push(patch.patch_id);
      return answer;
    };
    expect(await session.review(announced(OTHER_PATCH), decide(true))).toBeUndefined();
    expect(await session.review(announced(PATCH), decide(false))).toBeUndefined();
    expect(await session.review(announced(PATCH), decide(true))).toMatchObject({ status: 'applied' });
    expect(await session.review(announced(PATCH), decide(true))).toBeUndefined();
    pending = PATCH;
    const supersede = () => {
      pending = OTHER_PATCH;
      return true;
    };
    expect(await session.review(announced(PATCH), supersede)).toBeUndefined();
    expect(seen).toEqual([PATCH, PATCH]);
  });

  test('applies the patch that it fetched last, reverts what it applied, and says when that is superseded', async () => {
    let pending = PATCH;
    const files = [{ path: 'sort.ts', change: 'added', additions: 1, deletions: 0 }];
    peer.answer = ({ path, body, response }) => {
      const patch_id = body ? JSON.parse(body).patch_id : pending;
      const operation = path.slice(path.lastIndexOf('/') + 1);
      if (operation === 'patch') {
        return sendJson(response, 200, { patch_id, files, diff: '', exact: true, applicable: true, conflicts: [] });
      }
      if (operation === 'apply_patch' && patch_id !== pending) return sendError(response, 409, 'PatchSuperseded');
      const status = operation === 'apply_patch' ? 'applied' : 'reverted';
      return sendJson(response, 200, { status, timestamp: 1, patch_id, files });
    };
    await session.patch();
    pending = OTHER_PATCH;
    await expect(session.applyPatch()).rejects.toMatchObject({ code: 'PatchSuperseded' });
    expect(await session.applyPatch({ patch_id: OTHER_PATCH })).toMatchObject({ patch_id: OTHER_PATCH });
    expect(await session.revertPatch()).toMatchObject({ status: 'reverted', patch_id: OTHER_PATCH });
    await expect(session.revertPatch()).rejects.toThrow(TypeError);
    // Nothing fetched by now: the pending one, by its id.
    expect(await session.applyPatch()).toMatchObject({ patch_id: OTHER_PATCH });
  });

  test('reads the history to its end, page by page, with what it cannot read among it', async () => {
    const unreadable = new Map([
      [7, { type: 'from_the_future' }],
      [8, { type: 'notice' }],
    ]);
    for (let id = 2; id <= 25; id++) peer.append(unreadable.get(id) ?? notice(id));
    const events = await collect(session.history({ after: 3, pageSize: 10 }));
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 22 }, (_, index) => index + 4));
    expect(events.filter(({ type }) => type !== 'notice')).toMatchObject([
      { type: 'unknown', id: 7, reason: 'unknown_type' },
      { type: 'unknown', id: 8, reason: 'invalid' },
    ]);
    expect(peer.requests.filter(({ path }) => path.endsWith('/history'))).toHaveLength(3);
  });

  test('throws a ValidationError for a history with a gap', async () => {
    peer.append(notice(2), notice(3), notice(4));
    peer.frames.splice(2, 1);
    await expect(collect(session.history())).rejects.toMatchObject({
      name: 'ValidationError',
      problems: [{ pointer: '/items/2/id' }],
    });
  });

  test('reads no history that the server wants to be waited for', async () => {
    peer.answer = ({ response }) => sendError(response, 503, 'Unavailable', { 'Retry-After': '60' });
    await expect(collect(session.history())).rejects.toMatchObject({ code: 'Unavailable', retryAfter: 60 });
    expect(peer.requests.filter(({ path }) => path.endsWith('/history'))).toHaveLength(1);
  });

  test('keeps what the server said last', async () => {
    expect(session.info.status).toBe('idle');
    peer.session.status = 'running';
    expect(session.info.status).toBe('idle');
    expect((await session.refresh()).status).toBe('running');
    expect(session.info.status).toBe('running');
  });

  test('closes and purges the session', async () => {
    await session.close({ purge: true });
    expect(peer.requests.at(-1)).toMatchObject({ method: 'DELETE' });
    expect(peer.requests.at(-1)?.query.get('purge')).toBe('true');
  });

  test('has purged the session where the answer to that was lost and the next one is that it is gone', async () => {
    let purged = false;
    peer.answer = ({ method, response }) => {
      if (method !== 'DELETE') return false;
      if (purged) return sendError(response, 404, 'SessionNotFound');
      purged = true;
      return Boolean(response.destroy());
    };
    await session.close({ purge: true });
    expect(peer.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
    await expect(session.close({ purge: true })).rejects.toMatchObject({ code: 'SessionNotFound' });
    purged = false;
    await expect(session.close()).rejects.toMatchObject({ code: 'SessionNotFound' });
  });

  test('ends its loops when it is disposed of, and closes the session only where it created it', async () => {
    const stream = session.events({ after: 0 });
    await stream.next();
    const closed = once(peer.sockets[0]!.socket, 'close');
    const next = stream.next();
    await Promise.all([expect(next).rejects.toMatchObject({ name: 'AbortError' }), session[Symbol.asyncDispose]()]);
    await closed;
    expect(peer.requests.some(({ method }) => method === 'DELETE')).toBe(false);

    const created = await client.sessions.create({ cwd: '/path' });
    await created[Symbol.asyncDispose]();
    expect(peer.requests.at(-1)?.method).toBe('DELETE');
  });

  test('can be disposed of when the session is gone', async () => {
    const created = await client.sessions.create({ cwd: '/path' });
    peer.answer = ({ response }) => sendError(response, 404, 'SessionNotFound');
    await created[Symbol.asyncDispose]();
  });

  test('ends its loops when the client is disposed of', async () => {
    const stream = session.events({ after: 0 });
    await stream.next();
    const next = stream.next();
    await Promise.all([expect(next).rejects.toMatchObject({ name: 'AbortError' }), client[Symbol.asyncDispose]()]);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
