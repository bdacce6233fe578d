/** @typedef {import('./process.mjs').Process} Process */

/**
 * @typedef {object} Delivered
 * @property {number} seconds From the first event at any reader to the last event at any reader.
 * @property {number} secondsFromConnecting From when the first reader began to connect to the last event at any reader.
 * @property {number} cpu Microseconds of the server's processor time since all readers were connected.
 * @property {number} events How many each reader got.
 */

/**
 * Lets servers deliver the same events to the same readers, and checks that they do.
 *
 * @param {Process} audience The process of readers.mjs.
 * @param {{readers: number, atLeast: number}} expected How many readers there are, and the least number of events.
 */
export function createDelivery(audience, { readers, atLeast }) {
  /** @type {{frames: number, bytes: number} | undefined} */
  let first;

  /**
   * @param {Process} server
   * @param {import('./readers.mjs').Address & {recordTo?: string | undefined}} address
   * @param {() => unknown} begin Starts the events.
   * @returns {Promise<Delivered>}
   */
  return async (server, address, begin = () => undefined) => {
    await audience.call('connect', { ...address, readers });
    const before = await server.call('cpu');
    const [{ frames, bytes, ...seconds }] = await Promise.all([audience.call('finish'), begin()]);
    const cpu = (await server.call('cpu')) - before;
    first ??= { frames, bytes };
    if (frames !== first.frames || bytes !== first.bytes || frames < atLeast) {
      const got = `${frames} frames, ${bytes} bytes`;
      throw new Error(
        `expected ${atLeast} events or more, and the same from all (${JSON.stringify(first)}), got ${got}`,
      );
    }
    return { ...seconds, cpu, events: frames };
  };
}
