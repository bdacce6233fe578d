import { join } from 'node:path';
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
  const readers = openProcess('readers.mjs', folder);
  try {
    const rates = [];
    const costs = [];
    for (const one of CASES) {
      const { pairs, events } = await measureCase({ parley, bare, readers }, folder, quick ? scaled(one) : one, quick);
      const name = `${one.readers.toLocaleString('en')} ${one.readers === 1 ? 'reader' : 'readers'}`;
      const rate = pairs.map(({ ours, theirs }) => [events / ours.seconds, events / theirs.seconds]);
      const cost = pairs.map(({ ours, theirs }) => [ours.cpu / events, theirs.cpu / events]);
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
    await Promise.all([parley.close(), bare.close(), readers.close()]);
  }
}

/**
 * @param {Record<'parley' | 'bare' | 'readers', import('./process.mjs').Process>} processes
 * @param {string} folder
 * @param {Case} one
 * @param {boolean} quick
 */
async function measureCase({ parley, bare, readers }, folder, one, quick) {
  const { pauseMs } = one;
  const rest = createRest(await parley.call('address'));
  const { url } = await bare.call('address');
  const file = join(folder, 'frames');
  /** @type {{frames: number, bytes: number} | undefined} */
  let expected;

  /**
   * @param {import('./process.mjs').Process} server
   * @param {object} address
   * @param {() => Promise<unknown>} begin
   */
  async function run(server, address, begin) {
    await readers.call('connect', { readers: one.readers, ...address });
    const before = await server.call('cpu');
    const [result] = await Promise.all([readers.call('finish'), begin()]);
    const cpu = (await server.call('cpu')) - before;
    const { seconds, frames, bytes } = result;
    expected ??= { frames, bytes };
    if (frames !== expected.frames || bytes !== expected.bytes || frames < one.events) {
      throw new Error(`expected the same events from both, got ${JSON.stringify([expected, result, one])}`);
    }
    return { seconds, cpu };
  }

  const ours = async () => {
    const session = await rest.createSession(folder);
    const recordTo = expected === undefined ? file : undefined;
    const prompt = JSON.stringify({ pieces: one.events, pauseMs });
    const result = await run(parley, { url: session.ws_url, headers: rest.headers, recordTo }, () =>
      rest.submit(session, { type: 'user_message', content: prompt }),
    );
    await rest.closeSession(session);
    if (recordTo) await bare.call('load', { file: recordTo });
    return result;
  };
  const theirs = () => run(bare, { url, headers: {} }, () => bare.call('broadcast', { pauseMs }));

  const pairs = await measureInTurn(quick ? 1 : REPEATS, ours, theirs);
  return { pairs, events: expected?.frames ?? 0 };
}

/** @param {Case} one */
function scaled(one) {
  return { ...one, events: one.events / (one.pauseMs > 0 ? 5 : 20) };
}
