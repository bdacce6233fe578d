import { openProcess } from './process.mjs';
import { createRest } from './rest-client.mjs';

/**
 * Starts the three servers of events, each in its own process, with the addresses for their readers.
 *
 * @param {string} folder The folder for their state and logs.
 * @param {{nodeArgs?: string[]}} [options]
 */
export async function openStreamPeers(folder, options) {
  const parley = openProcess('peers/parley.mjs', folder, options);
  const bare = openProcess('peers/bare-ws.mjs', folder, options);
  const socketIo = openProcess('peers/socket-io.mjs', folder, options);
  return {
    ...{ parley, bare, socketIo },
    /** @type {{url: string, token: string}} */
    parleyAddress: await parley.call('address'),
    rest: createRest(await parley.call('address')),
    /** @type {import('./readers.mjs').Address} */
    bareAddress: await bare.call('address'),
    /** @type {import('./readers.mjs').Address} */
    socketIoAddress: { ...(await socketIo.call('address')), socketIo: true },

    async close() {
      await Promise.all([parley.close(), bare.close(), socketIo.close()]);
    },
  };
}
