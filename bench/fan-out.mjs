import { join } from 'node:path';
import { createDelivery } from './delivery.mjs';
import { compare, countReaders, measureInTurn, printTable, REPEATS, STREAMS_HEAD } from './figures.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { openStreamPeers } from './stream-peers.mjs';

/**
 * @typedef {object} Case
 * @property {number} readers
 * @property {number} events How many the agent sends; there are a few more around them.
 * @property {number} pauseMs Milliseconds between two of them.
 * @property {string} [rateBudget]
 * @property {string} [cpuBudget]
 */

/** @type {Case[]} Fewer events for more readers: the peers take seconds for them. */
const CASES = [
  { readers: 1, events: 60_000, pauseMs: 0, cpuBudget: '≤ 4' },
  { readers: 10, events: 30_000, pauseMs: 0, rateBudget: '≥ 0.9' },
  { readers: 100, events: 3_000, pauseMs: 0, rateBudget: '≥ 0.9', cpuBudget: '≤ 1.15' },
  { readers: 1_000, events: 300, pauseMs: 0, rateBudget: '≥ 0.9' },
  { readers: 1, events: 1_000, pauseMs: 2, cpuBudget: '≤ 4' },
  { readers: 100, events: 1_000, pauseMs: 2, cpuBudget: '≤ 1.15' },
];

/**
 * Events through all of Parley (agent's process, session, validation, durable log, sockets) to 1 to 1,000 readers,
 * against bare `ws` and Socket.IO that send the same events to as many readers: as fast as the agent can send them, and
 * one at a time.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureFanOut({ folder, quick }) {
  const peers = await openStreamPeers(folder);
  const audience = openProcess('readers.mjs', folder);
  try {
    const rates = [];
    const costs = [];
    for (const one of quick ? CASES.map(scaled) : CASES) {
      const name = countReaders(one.readers);
      const how = `${name}, ${one.pauseMs > 0 ? 'one at a time' : 'a flood'}`;
      progress(`fan-out: ${how}`);
      const repeats = await measureCase(peers, audience, folder, one, quick ? 1 : REPEATS);
      const rate = repeats.map((results) => results.map(({ events, seconds }) => events / seconds));
      const cost = repeats.map((results) => results.map(({ events, cpu }) => cpu / events));
      if (one.pauseMs === 0) rates.push(compare(name, rate, 0, one.rateBudget ?? ''));
      costs.push(compare(how, cost, 1, one.cpuBudget ?? ''));
    }
    return [
      '### Events a second, validated and durable, to all readers\n',
      printTable(STREAMS_HEAD, rates),
      '\n### Processor time of the server for an event, µs\n',
      printTable(STREAMS_HEAD, costs),
    ].join('\n');
  } finally {
    await Promise.all([peers.close(), audience.close()]);
  }
}

/**
 * @param {Awaited<ReturnType<typeof openStreamPeers>>} peers
 * @param {import('./process.mjs').Process} audience
 * @param {string} folder
 * @param {Case} one
 * @param {number} repeats
 */
async function measureCase(peers, audience, folder, { readers, events, pauseMs }, repeats) {
  const { parley, rest, bare, bareAddress, socketIo, socketIoAddress } = peers;
  const deliver = createDelivery(audience, { readers, atLeast: events });
  /** @type {string | undefined} The file for the frames of the first run, which the peers then send. */
  let recordTo = join(folder, 'frames');

  const ours = async () => {
    const session = await rest.createSession(folder);
    const content = JSON.stringify({ pieces: events, pauseMs });
    const delivered = await deliver(parley, { url: session.ws_url, headers: rest.headers, recordTo }, () =>
      rest.submit(session, { type: 'user_message', content }),
    );
    await rest.closeSession(session);
    if (recordTo) await Promise.all([bare, socketIo].map((peer) => peer.call('load', { file: recordTo })));
    recordTo = undefined;
    return delivered;
  };
  return measureInTurn(repeats, [
    ours,
    () => deliver(bare, bareAddress, () => bare.call('broadcast', { pauseMs })),
    () => deliver(socketIo, socketIoAddress, () => socketIo.call('broadcast', { pauseMs })),
  ]);
}

/** @param {Case} one */
function scaled(one) {
  return { ...one, readers: Math.min(one.readers, 200), events: one.events / 10 };
}
