import { compare, figureOf, measureInTurn, printTable, REPEATS, STREAMS_HEAD } from './figures.mjs';
import { measureFsync } from './fsync.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { openStreamPeers } from './stream-peers.mjs';

/** @typedef {ReturnType<typeof import('./figures.mjs').quantilesOf>} Quantiles */

/**
 * Each session's agent sends a piece every `pauseMs`: 500 per second in all for one and ten sessions, 1,000 for a
 * hundred.
 */
const CASES = [
  { sessions: 1, pieces: 1_500, pauseMs: 2, repeats: REPEATS },
  { sessions: 10, pieces: 150, pauseMs: 20, repeats: REPEATS },
  { sessions: 100, pieces: 30, pauseMs: 100, repeats: 3 },
];

/** Milliseconds that Parley may take in addition to the disk, with one session. */
const BUDGET = { p50: 1.5, p99: 8 };

const QUANTILES = /** @type {const} */ (['p50', 'p99', 'p99.9']);

/**
 * How long an event takes from the write of the agent's process to the loop of a user in another process, against bare
 * `ws` and Socket.IO that pass on the events of the same agents.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureLatency({ folder, quick }) {
  const peers = await openStreamPeers(folder);
  const loops = openProcess('loops.mjs', folder);
  try {
    /** @type {string[][]} */
    const rows = [];
    /** @type {Quantiles[]} */
    const disk = [];
    for (const one of quick ? CASES.map(scaled) : CASES) {
      const name = `${one.sessions} ${one.sessions === 1 ? 'session' : 'sessions'}`;
      progress(`latency: ${name}`);
      const measured = await measureInTurn(quick ? 1 : one.repeats, [
        () => measureParley(peers, loops, folder, one),
        () => measureRelay(peers.bare, loops, { call: 'openBare', address: peers.bareAddress }, one),
        () => measureRelay(peers.socketIo, loops, { call: 'openSocketIo', address: peers.socketIoAddress }, one),
        ...(one.sessions === 1 ? [() => measureFsync(folder, quick ? 50 : 500)] : []),
      ]);
      if (one.sessions === 1) disk.push(...measured.flatMap((results) => results[3] ?? []));
      for (const quantile of QUANTILES) {
        const repeats = measured.map((results) => results.slice(0, 3).map((result) => result[quantile]));
        const budget = one.sessions === 1 ? budgetOf(quantile, disk) : '';
        rows.push(compare(`${name}, ${quantile}`, repeats, 2, budget));
      }
    }
    return [
      "### Milliseconds from the agent's write to the user's loop, one reader a session\n",
      printTable(STREAMS_HEAD, rows),
      '\n### Milliseconds of an fsync of the same disk, meanwhile\n',
      printTable(
        ['', 'fsync'],
        QUANTILES.map((quantile) =>
          compare(
            quantile,
            disk.map((result) => [result[quantile]]),
            2,
          ).slice(0, 2),
        ),
      ),
    ].join('\n');
  } finally {
    await Promise.all([peers.close(), loops.close()]);
  }
}

/**
 * @param {Awaited<ReturnType<typeof openStreamPeers>>} peers
 * @param {import('./process.mjs').Process} loops
 * @param {string} folder
 * @param {typeof CASES[number]} one
 * @returns {Promise<Quantiles>}
 */
async function measureParley({ rest, parleyAddress }, loops, folder, { sessions: count, pieces, pauseMs }) {
  const sessions = await Promise.all(Array.from({ length: count }, () => rest.createSession(folder)));
  await loops.call('openParley', { ...parleyAddress, sessions: sessions.map((session) => session.session_id), pieces });
  const content = JSON.stringify({ pieces, pauseMs, stamped: true });
  await Promise.all(sessions.map((session) => rest.submit(session, { type: 'user_message', content })));
  const latency = await loops.call('finish');
  await Promise.all(sessions.map((session) => rest.closeSession(session)));
  return latency;
}

/**
 * @param {import('./process.mjs').Process} server
 * @param {import('./process.mjs').Process} loops
 * @param {{call: string, address: object}} reading How the loops read from this server.
 * @param {typeof CASES[number]} one
 * @returns {Promise<Quantiles>}
 */
async function measureRelay(server, loops, { call, address }, { sessions, pieces, pauseMs }) {
  await server.call('openAgents', { agents: sessions });
  await loops.call(call, { ...address, sessions, pieces });
  await server.call('prompt', { content: JSON.stringify({ pieces, pauseMs, stamped: true }) });
  const latency = await loops.call('finish');
  await server.call('closeAgents');
  return latency;
}

/**
 * @param {keyof Quantiles} quantile
 * @param {Quantiles[]} disk
 */
function budgetOf(quantile, disk) {
  if (quantile === 'p99.9') return '';
  const fsync = figureOf(disk.map((result) => result[quantile])).median;
  return `≤ ${(fsync + BUDGET[quantile]).toFixed(2)} ms`;
}

/** @param {typeof CASES[number]} one */
function scaled(one) {
  return { ...one, sessions: Math.min(one.sessions, 5), pieces: one.pieces / 10 };
}
