import { describe, expect, test } from 'vitest';
import { itInAll } from '../../../../scripts/test-forms.js';
import { startSockets } from '../../test/start-sockets.js';

describe('events', () => {
  test('come in order, each once, byte for byte, whatever their length', async () => {
    const { append, written, connect } = await startSockets();
    for (const length of [0, 50, 80, 81, 82, 200, 65_480, 65_484, 65_485, 65_486, 65_500, 200_000]) {
      await append(1, 'x'.repeat(length));
      await append(2, '序'.repeat(length / 3));
    }
    const client = connect('?since=0');
    await client.gotEvents(20);
    await append(3, 'ü'.repeat(100));
    expect(await client.gotEvents(written.length)).toEqual(written);
  });

  test('reach all readers, from wherever each began', async () => {
    const { append, written, connect } = await startSockets({}, { maxConnectionsPerSession: 12 });
    await append(500);
    const clients = Array.from({ length: 12 }, (_, index) => connect(index % 3 === 0 ? '' : `?since=${index * 40}`));
    const acks = await Promise.all(clients.map((client) => client.got(1)));
    for (let round = 0; round < 60; round += 1) await Promise.all([append(1), append(4), append(1)]);
    await Promise.all(
      clients.map(async (client, index) => {
        const after = index % 3 === 0 ? acks[index].payload.latest_event_id : index * 40;
        expect(await client.gotEvents(written.length - after)).toEqual(written.slice(after));
      }),
    );
  });

  itInAll('do not queue for a reader that has stalled, and all reach it when it reads again', async () => {
    const { append, serverSockets, written, connect } = await startSockets();
    const client = connect('?since=0');
    await client.got(1);
    client.webSocket.pause();
    for (let round = 0; round < 200; round += 1) await append(100, 'x'.repeat(1_000));
    const waiting = serverSockets[0]!.writableLength;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(400_000);
    client.webSocket.resume();
    expect(await client.gotEvents(written.length)).toEqual(written);
  });

  test('of a session that has ended are all delivered before the connection is closed', async () => {
    const { feed, append, written, connect } = await startSockets();
    await append(3_000, 'x'.repeat(500));
    const client = connect('?since=0');
    await client.got(1);
    feed.end();
    expect(await client.closed).toEqual({ code: 1000, reason: 'session closed' });
    expect(client.events).toEqual(written);
  });
});
