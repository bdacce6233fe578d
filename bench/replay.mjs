import { join } from 'node:path';
import { createDelivery } from './delivery.mjs';
import { compare, measureInTurn, printTable, REPEATS, STREAMS_HEAD } from './figures.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { openStreamPeers } from './stream-peers.mjs';

/**
 * One reader that has missed events connects again and asks for them: from Parley's log, from `ws` that sends the same
 * bytes from memory, and from Socket.IO's connection state recovery.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureReplay({ folder, quick }) {
  const peers = await openStreamPeers(folder);
  const audience = openProcess('readers.mjs', folder);
  try {
    const times = [];
    const rates = [];
    const [few, many] = quick ? [500, 5_000] : [10_000, 100_000];
    for (const behind of [few, many]) {
      const name = `${behind.toLocaleString('en')} events`;
      progress(`replay: ${name}`);
      const repeats = await measureCase(peers, audience, folder, behind, quick ? 1 : REPEATS);
      const time = repeats.map((results) => results.map(({ secondsFromConnecting }) => secondsFromConnecting * 1_000));
      const rate = repeats.map((results) => results.map(({ events, seconds }) => events / seconds));
      times.push(compare(`${name} behind`, time, 0, ''));
      if (behind === many) rates.push(compare(name, rate, 0, '≥ 0.7'));
    }
    return [
      '### Events a second, replayed to one reader\n',
      printTable(STREAMS_HEAD, rates),
      '\n### Milliseconds to resume: from connecting again to the last event\n',
      printTable(STREAMS_HEAD, times),
    ].join('\n');
  } finally {
    await Promise.all([peers.close(), audience.close()]);
  }
}

/**
 * @param {Awaited<ReturnType<typeof openStreamPeers>>} peers
 * @param {import('./process.mjs').Process} audience
 * @param {string} folder
 * @param {number} behind
 * @param {number} repeats
 */
async function measureCase(peers, audience, folder, behind, repeats) {
  const { parley, rest, bare, bareAddress, socketIo, socketIoAddress } = peers;
  const file = join(folder, 'frames');
  const session = await rest.createSession(folder);
  const address = { url: session.ws_url, headers: rest.headers };
  const all = await createDelivery(audience, { readers: 1, atLeast: behind })(
    parley,
    { ...address, url: `${address.url}?since_event_id=0`, recordTo: file },
    () => rest.submit(session, { type: 'user_message', content: JSON.stringify({ pieces: behind, pauseMs: 0 }) }),
  );
  await Promise.all([bare, socketIo].map((peer) => peer.call('load', { file })));
  const since = all.events - behind;

  // Socket.IO keeps for a client only the events that were sent while it was away.
  await audience.call('connect', { ...socketIoAddress, readers: 1 });
  await socketIo.call('broadcast', { pauseMs: 0, since: all.events - 1 });
  const recover = await audience.call('leaveAfterOne');
  await socketIo.call('untilAlone');
  await socketIo.call('broadcast', { pauseMs: 0, since });

  const deliver = createDelivery(audience, { readers: 1, atLeast: behind });
  return measureInTurn(repeats, [
    () => deliver(parley, { ...address, url: `${address.url}?since_event_id=${since}` }),
    () => deliver(bare, { url: `${bareAddress.url}?since=${since}` }),
    () => deliver(socketIo, { ...socketIoAddress, recover }),
  ]);
}
