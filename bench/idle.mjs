import { compare, printTable, STREAMS_HEAD } from './figures.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { openStreamPeers } from './stream-peers.mjs';

const CONNECTIONS = 5_000;
/** The first ones do not count: they use memory that the process already has, and load code. */
const FIRST = 2_000;
const CONNECTIONS_A_SESSION = 500;
const REPEATS = 3;
/** A young generation of a fixed size: its growth would be counted as memory of the connections. */
const NODE_ARGS = ['--expose-gc', '--max-semi-space-size=1'];
/** The most files that a process has open in addition to its sockets. */
const OTHER_FILES = 200;

/** @typedef {import('./process.mjs').Process} Process */

/**
 * The memory that a server holds for an idle connection: the growth of its process, measured after garbage collections.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureIdle({ folder, quick }) {
  const [first, connections] = quick ? [100, 200] : [FIRST, roomForConnections()];
  const name = `${connections.toLocaleString('en')} connections`;
  const repeats = [];
  for (let repeat = 1; repeat <= (quick ? 1 : REPEATS); repeat += 1) {
    progress(`idle: ${name}, repeat ${repeat}`);
    repeats.push(await measureOnce(folder, first, connections));
  }
  const rows = [compare(`${name}, KiB each`, repeats, 1, '≤ 2')];
  return `### Memory of the server for an idle connection\n\n${printTable(STREAMS_HEAD, rows)}`;
}

/**
 * Measures with fresh processes, since a process returns little of its memory.
 *
 * @param {string} folder
 * @param {number} first
 * @param {number} connections After those.
 * @returns {Promise<number[]>} KiB for each connection, of each server.
 */
async function measureOnce(folder, first, connections) {
  const peers = await openStreamPeers(folder, { nodeArgs: NODE_ARGS });
  const audience = openProcess('readers.mjs', folder);
  const { parley, rest, bare, bareAddress, socketIo, socketIoAddress } = peers;
  try {
    const count = Math.ceil(connections / CONNECTIONS_A_SESSION);
    const sessions = await Promise.all(Array.from({ length: count }, () => rest.createSession(folder)));
    const addresses = sessions.map((session) => ({ url: session.ws_url, headers: rest.headers }));
    const opened = { first, connections };
    return [
      await measureGrowth(audience, parley, addresses, opened),
      await measureGrowth(audience, bare, [bareAddress], opened),
      await measureGrowth(audience, socketIo, [socketIoAddress], opened),
    ];
  } finally {
    await Promise.all([peers.close(), audience.close()]);
  }
}

/**
 * @param {Process} audience
 * @param {Process} server
 * @param {import('./readers.mjs').Address[]} addresses
 * @param {{first: number, connections: number}} count
 */
async function measureGrowth(audience, server, addresses, { first, connections }) {
  const connect = async (/** @type {number} */ readers) => {
    for (const address of addresses)
      await audience.call('connect', { ...address, readers: Math.round(readers / addresses.length) });
  };
  await connect(first);
  const before = await server.call('rss');
  await connect(connections);
  const after = await server.call('rss');
  await audience.call('leave');
  return (after - before) / 1_024 / connections;
}

/** Each connection is an open file of the server's process and one of the readers'. */
function roomForConnections() {
  const { userLimits } = /** @type {any} */ (process.report.getReport());
  const limit = Number(userLimits?.open_files?.hard);
  if (!(limit < FIRST + CONNECTIONS + OTHER_FILES)) return CONNECTIONS; // NaN if there is no limit
  const room = Math.max(100, Math.floor((limit - FIRST - OTHER_FILES) / 100) * 100);
  console.log(
    `        The limit of open files is ${limit} (ulimit -Hn): ${room} connections instead of ${CONNECTIONS}.`,
  );
  return room;
}
