import { ServiceError, type Submission } from '@parleyhq/contract';
import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startSockets } from '../../test/start-sockets.js';

const MESSAGE: Submission = { type: 'user_message', content: '请帮我实现一个排序函数', metadata: {} };

describe('frames of a client', () => {
  test('submit, and a refusal names the frame that it answers', async () => {
    const submitted: Submission[] = [];
    const submit = async (submission: Submission) => {
      submitted.push(submission);
      if (submitted.length === 2) throw new ServiceError('DuplicateSubmission', 'sent before', { eventId: 1 });
      if (submitted.length === 3) throw new Error('a secret of the house');
    };
    const { errors, connect } = await startSockets({ submit });
    const client = connect();
    await client.got(1);
    for (const id of ['1', '2', '3']) client.send('submission', id, MESSAGE);
    expect(await client.got(2)).toMatchObject({
      type: 'error',
      payload: { code: 'DuplicateSubmission', in_reply_to: '2', event_id: 1 },
    });
    expect(await client.got(3)).toMatchObject({ type: 'error', payload: { code: 'InternalError', in_reply_to: '3' } });
    expect(submitted).toEqual([MESSAGE, MESSAGE, MESSAGE]);
    expect(errors).toMatchObject([{ message: 'a secret of the house' }]);
  });

  test('beat, and the answer names the frame', async () => {
    const { append, connect } = await startSockets();
    await append(3);
    const client = connect();
    await client.got(1);
    client.send('heartbeat', 'h1', {});
    expect(await client.got(2)).toMatchObject({
      type: 'heartbeat',
      payload: { latest_event_id: 4, in_reply_to: 'h1' },
    });
  });

  test('with half of a character are answered with a whole one, which strict readers take', async () => {
    const { connect } = await startSockets();
    const client = connect();
    await client.got(1);
    client.send('unknown', 'half \ud83d', {});
    expect(await client.got(2)).toMatchObject({ type: 'error', payload: { in_reply_to: 'half \ufffd' } });
  });

  test('that do not fit are told what is wrong, and the connection stays', async () => {
    const { connect } = await startSockets();
    const client = connect();
    await client.got(1);
    client.webSocket.send('{');
    expect(await client.got(2)).toMatchObject({ type: 'error', payload: { code: 'InvalidRequest' } });
    client.send('unheard', '1', {});
    expect(await client.got(3)).toMatchObject({ payload: { code: 'InvalidRequest', in_reply_to: '1' } });
    client.send('submission', '2', { type: 'user_message', content: 7 });
    const { payload } = await client.got(4);
    expect(payload).toMatchObject({ code: 'InvalidRequest', in_reply_to: '2' });
    expect(payload.details[0].pointer).toMatch(/^\/frame\/payload\/content/);
    client.webSocket.send(Buffer.from('binary'));
    expect(await client.got(5)).toMatchObject({ payload: { code: 'InvalidRequest' } });
    client.send('heartbeat', '3', {});
    expect(await client.got(6)).toMatchObject({ type: 'heartbeat' });
  });

  test('may hold a name of any length: what is told of it has a bound', async () => {
    const { errors, connect } = await startSockets();
    const client = connect();
    await client.got(1);
    client.webSocket.send(
      JSON.stringify({ type: 'heartbeat', id: '1', timestamp: 1, payload: {}, ['n'.repeat(500_000)]: 1 }),
    );
    const { payload } = await client.got(2);
    expect(payload).toMatchObject({ code: 'InvalidRequest', in_reply_to: '1' });
    expect(payload.details[0].pointer).toMatch(/^\/frame\/n+$/);
    expect(payload.details[0].pointer).toHaveLength(1_024);
    expect(errors).toEqual([]);
  });

  test('close the connection when too many in a row do not fit', async () => {
    const { connect } = await startSockets({}, { maxBadFrames: 3 });
    const client = connect();
    await client.got(1);
    for (const bad of [true, true, false, true, true, true]) {
      if (bad) client.webSocket.send('nonsense');
      else client.send('heartbeat', '1', {});
    }
    expect(await client.closed).toMatchObject({ code: 4400 });
    expect(client.texts).toHaveLength(7);
  });

  test('that come too fast are refused', async () => {
    const { connect } = await startSockets({}, { maxFramesPerSecond: 5 });
    const client = connect();
    await client.got(1);
    for (let count = 1; count <= 20; count += 1) client.send('heartbeat', `${count}`, {});
    await client.got(21);
    const refused = client.texts.map((frame) => JSON.parse(frame)).filter(({ type }) => type === 'error');
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0].payload).toMatchObject({ code: 'TooManyRequests', in_reply_to: expect.any(String) });
  });

  test('close the connection when one is too large', async () => {
    const { connect } = await startSockets({}, { maxFrameBytes: 1_000 });
    const client = connect();
    await client.got(1);
    const beat = JSON.stringify({ type: 'heartbeat', id: '1', timestamp: 1, payload: {} });
    client.webSocket.send(beat.padEnd(1_000, ' '));
    expect(await client.got(2)).toMatchObject({ type: 'heartbeat', payload: { in_reply_to: '1' } });
    client.webSocket.send(beat.padEnd(1_001, ' '));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  itInAll('are not read while their sender does not take the answers', async () => {
    const { append, serverSockets, written, connect } = await startSockets({}, { maxFramesPerSecond: 1_000_000 });
    const client = connect();
    await client.got(1);
    client.webSocket.pause();
    const id = 'x'.repeat(128);
    const frames = 60_000;
    for (let count = 0; count < frames; count += 1) client.send('heartbeat', id, {});
    // The server goes on only when both directions are full, or all has been answered.
    let before = -1;
    while (serverSockets[0]!.bytesRead !== before) {
      before = serverSockets[0]!.bytesRead;
      await append(1);
    }
    expect(serverSockets[0]!.writableLength).toBeLessThan(2_000_000);
    client.webSocket.resume();
    await client.got(frames + written.length);
  });
});
