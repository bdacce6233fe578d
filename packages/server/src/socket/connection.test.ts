import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { gone } from '../../test/socket-client.js';
import { SESSION, startSockets } from '../../test/start-sockets.js';

describe('a connection', () => {
  test('gets a heartbeat when nothing else is sent', async () => {
    const { append, connect } = await startSockets({}, { heartbeatIntervalMs: 40 });
    await append(1);
    const client = connect();
    expect(await client.got(2)).toMatchObject({ type: 'heartbeat', payload: { latest_event_id: 2 } });
    expect(await client.got(5)).toMatchObject({ type: 'heartbeat' });
  });

  test('is terminated when its peer answers no ping', async () => {
    const { server, serverSockets, connectSilently } = await startSockets({}, { heartbeatIntervalMs: 20 });
    const socket = await connectSilently();
    socket.resume();
    await gone(serverSockets[0]!);
    expect(server.connections).toBe(0);
  });

  test('is terminated when its peer takes nothing, and the peer may resume', async () => {
    const { server, append, serverSockets, written, connect, connectSilently } = await startSockets(
      {},
      { heartbeatIntervalMs: 20 },
    );
    await append(20_000, 'x'.repeat(1_000));
    const socket = await connectSilently('?since=0');
    socket.pause();
    await gone(serverSockets[0]!);
    expect(server.connections).toBe(0);
    socket.destroy();
    expect(await connect('?since=19000').gotEvents(1_001)).toEqual(written.slice(19_000));
  });

  itInAll('is kept while its peer says something, however slowly it takes what waits for it', async () => {
    // Long enough for a pong to come between two looks also on a busy machine.
    const { server, append, connectSilently } = await startSockets({}, { heartbeatIntervalMs: 300 });
    await append(20_000, 'x'.repeat(1_000));
    const socket = await connectSilently('?since=0');
    socket.pause();
    // A masked pong without a payload, of a mask of zeros. More looks than a stalled peer gets.
    const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
    let left = 120;
    await new Promise<void>((resolve) => {
      const beat = setInterval(() => {
        socket.write(pong);
        left -= 1;
        if (left > 0) return;
        clearInterval(beat);
        resolve();
      }, 10);
    });
    expect(server.connections).toBe(1);
    socket.destroy();
  });

  itInAll('is terminated when too much of its frames is unfinished; those of other clients stay', async () => {
    const clientOf = async ({ url }: { url?: string | undefined }) => ({ client: url?.slice(-1) ?? '' });
    const { server, serverSockets, connect, connectSilently } = await startSockets(clientOf, {}, 100_000);
    const other = connect('?b');
    await other.got(1);
    /** The beginning of a masked text frame of 1,000,000 bytes. */
    const frame = (bytes: number) =>
      Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40, 0, 0, 0, 0]), Buffer.alloc(bytes, 'x')]);
    const [first, second] = [await connectSilently('?a'), await connectSilently('?a')];
    first.write(frame(60_000));
    second.write(frame(60_000));
    await Promise.race(serverSockets.map(gone));
    await expect.poll(() => server.connections).toBe(2);
    // What the one that ended had sent counts no more.
    const third = await connectSilently('?a');
    third.write(frame(30_000));
    other.send('unknown', 'x', {});
    expect(await other.got(2)).toMatchObject({ type: 'error', payload: { code: 'InvalidRequest' } });
    expect(server.connections).toBe(3);
    for (const socket of [first, second, third]) socket.destroy();
  });

  test('is closed when its credential ends, and no other', async () => {
    const { server, append, written, connect } = await startSockets(async ({ url }) => ({
      credential: url?.slice(-1),
    }));
    const [mine, other] = [connect('?c=a'), connect('?c=b')];
    await Promise.all([mine.got(1), other.got(1)]);
    server.endCredential('a');
    expect(await mine.closed).toMatchObject({ code: 4401 });
    await append(1);
    expect(await other.gotEvents(1)).toEqual(written.slice(1));
  });

  itInAll('is closed when its credential expires', async () => {
    const { connect } = await startSockets({ expiresAt: Date.now() + 50 }, { heartbeatIntervalMs: 20 });
    expect(await connect().closed).toMatchObject({ code: 4401 });
  });

  test('is closed when the session is purged', async () => {
    const { feed, connect } = await startSockets();
    const client = connect();
    await client.got(1);
    feed.purge();
    expect(await client.closed).toMatchObject({ code: 4404 });
  });

  test('is told and closed when its cursor is no longer kept', async () => {
    const { feed, log, append, connect } = await startSockets();
    await append(10);
    await log.trim(SESSION, 8, '{}');
    feed.trim(8);
    const client = connect('?since=2');
    expect(await client.closed).toMatchObject({ code: 4410 });
    expect(await client.got(2)).toMatchObject({ type: 'error', payload: { code: 'CursorExpired' } });
  });

  test('is told to go away when the server drains, and no other is taken', async () => {
    const { server, connect, refusal, connectSilently } = await startSockets();
    const clients = [connect(), connect()];
    const silent = await connectSilently();
    await Promise.all(clients.map((client) => client.got(1)));
    const drained = server.drain(50);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await refusal()).toMatchObject({ status: 503, body: { code: 'Unavailable' } });
    await drained;
    expect(server.connections).toBe(0);
    silent.destroy();
  });
});
