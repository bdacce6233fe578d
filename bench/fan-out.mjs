import { join } from 'node:path';
import { createDelivery } from './delivery.mjs';
import { compare, measureInTurn, printTable, REPEATS } from './figures.mjs';
import { openProcess } from './process.mjs';
import { createRest } from './rest-client.mjs';

/**
 * @typedef {object} Case
 * @property {number} readers
 * @property {number} events That the agent says; a few more frame them.
 * @property {number} pauseMs Between two of them.
 * @property {string} [rateBudget]
 * @property {string} [cpuBudget]
 */

/** @type {Case[]} Fewer events for more readers: a run takes about as long. */
const CASES = [
  { readers: 1, events: 60_000, pauseMs: 0, cpuBudget: '≤ 4' },
  { readers: 10, events: 40_000, pauseMs: 0, rateBudget: '≥ 0.9' },
  { readers: 100, events: 10_000, pauseMs: 0, rateBudget: '≥ 0.9', cpuBudget: '≤ 1.15' },
  { readers: 1_000, events: 1_000, pauseMs: 0, rateBudget: '≥ 0.9' },
  { readers: 1, events: 1_000, pauseMs: 2, cpuBudget: '≤ 4' },
  { readers: 100, events: 1_000, pauseMs: 2, cpuBudget: '≤ 1.15' },
];

/**
 * Events through the whole of Parley (agent's process, session, validation, durable log, sockets) to 1 to
 * 1,000 readers, against `ws` sending the very same bytes to as many: as fast as the agent can say them, and one at a time.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureFanOut({ folder, quick }) {
  const parley = openProcess('peers/parley.mjs', folder, [folder]);
  const bare = openProcess('peers/bare-ws.mjs', folder);
  const audience = openProcess('readers.mjs', folder);
  try {
    const rates = [];
    const costs = [];
    for (const one of CASES) {
      const pairs = await measureCase({ parley, bare, audience }, folder, quick ? scaled(one) : one, quick);
      const name = `${one.readers.toLocaleString('en')} ${one.readers === 1 ? 'reader' : 'readers'}`;
      const rate = pairs.map(({ ours, theirs }) => [ours.events / ours.seconds, theirs.events / theirs.seconds]);
      const cost = pairs.map(({ ours, theirs }) => [ours.cpu / ours.events, theirs.cpu / theirs.events]);
      if (one.pauseMs === 0) rates.push(compare(name, rate, 0, one.rateBudget));
      costs.push(compare(`${name}, ${one.pauseMs > 0 ? 'one at a time' : 'a flood'}`, cost, 1, one.cpuBudget));
    }
    const head = ['', 'Parley', 'bare `ws`', 'ratio', 'budget'];
    return [
      '### Events a second, validated and durable, to all readers\n',
      printTable(head, rates),
      '\n### Processor time of the server for an event, µs\n',
      printTable(head, costs),
    ].join('\n');
  } finally {
    await Promise.all([parley.close(), bare.close(), audience.close()]);
  }
}

/**
 * @param {Record<'parley' | 'bare' | 'audience', import('./process.mjs').Process>} processes
 * @param {string} folder
 * @param {Case} one
 * @param {boolean} quick
 */
async function measureCase({ parley, bare, audience }, folder, one, quick) {
  const { pauseMs } = one;
  const rest = createRest(await parley.call('address'));
  const { url } = await bare.call('address');
  const deliver = createDelivery(audience, { readers: one.readers, atLeast: one.events });
  /** @type {string | undefined} Where the frames of the first time go, for the peer to send. */
  let recordTo = join(folder, 'frames');

  const ours = async () => {
    const session = await rest.createSession(folder);
    const content = JSON.stringify({ pieces: one.events, pauseMs });
    const delivered = await deliver(parley, { url: session.ws_url, headers: rest.headers, recordTo }, () =>
      rest.submit(session, { type: 'user_message', content }),
    );
    await rest.closeSession(session);
    if (recordTo) await bare.call('load', { file: recordTo });
    recordTo = undefined;
    return delivered;
  };
  const theirs = () => deliver(bare, { url }, () => bare.call('broadcast', { pauseMs }));
  return measureInTurn(quick ? 1 : REPEATS, ours, theirs);
}

/** @param {Case} one */
function scaled(one) {
  return { ...one, events: one.events / (one.pauseMs > 0 ? 5 : 20) };
}
