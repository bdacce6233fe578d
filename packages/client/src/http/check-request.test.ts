import { ServiceError } from '@parleyhq/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../../test/peer.js';
import { SESSION } from '../../test/peer-session.js';
import { type Client, createClient } from '../create-client.js';
import type { Session } from '../session.js';

let peer: Peer;
let client: Client;
let session: Session;
beforeEach(async () => {
  peer = await startPeer();
  client = createClient({ baseUrl: peer.url, token: 'secret' });
  session = await client.sessions.get(SESSION);
});
afterEach(() => peer[Symbol.asyncDispose]());

/** What a caller that no compiler has checked may give. */
function anything(value: unknown): never {
  return value as never;
}

describe('a body that does not fit the contract', () => {
  test.each([
    ['a property of another type', { type: 'user_message', content: 5 }, '/body/content'],
    ['no property that must be there', { type: 'approval' }, '/body/approval_id'],
    ['a property that is not there', { type: 'user_message', content: 'Hello', shout: true }, '/body/shout'],
    ['no such submission', { type: 'shout', content: 'Hello' }, '/body/type'],
  ])('is not sent: %s', async (_, submission, pointer) => {
    const error = await session.submit(anything(submission)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'InvalidRequest', status: 400, details: [{ pointer }] });
    expect(error).toMatchObject({ message: expect.stringContaining(`${pointer}: expected `), requestId: undefined });
    expect(peer.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  test('is named with all that is wrong with it', async () => {
    const created = client.sessions.create(anything({ web_search: 'yes', workspace: 'mine' }));
    const pointers = ['/body/cwd', '/body/web_search', '/body/workspace'];
    const details = pointers.map((pointer) => expect.objectContaining({ pointer }));
    await expect(created).rejects.toMatchObject({ details: expect.arrayContaining(details) });
  });

  test('is the error of an operation that is called by its path', async () => {
    const params = { path: { session_id: SESSION } };
    const body = anything({ patch_id: 'none' });
    const { data, error, response } = await client.http.POST('/api/sessions/{session_id}/apply_patch', {
      params,
      body,
    });
    expect(data).toBeUndefined();
    expect(error).toMatchObject({ code: 'InvalidRequest', details: [{ pointer: '/body/patch_id' }] });
    expect(response.status).toBe(400);
    expect(peer.requests).toHaveLength(1);
  });
});

test('what JSON leaves out is neither sent nor refused', async () => {
  await client.sessions.create(anything({ cwd: '/path', model: undefined, title: undefined }));
  expect(peer.requests.at(-1)?.body).toBe('{"cwd":"/path"}');
});

test('a call whose signal was aborted before throws its reason, and sends nothing', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(session.submit('Hello', { signal })).rejects.toThrow('enough');
  expect(peer.requests).toHaveLength(1);
});
