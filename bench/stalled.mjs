import { createDelivery } from './delivery.mjs';
import { compare, measureInTurn, printTable, REPEATS } from './figures.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { createRest } from './rest-client.mjs';

const READERS = 90;
const STALLED = 10;

/**
 * How much readers that do not read slow down the others: a flood to 90 readers of Parley, with and without ten that
 * read nothing.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureStalled({ folder, quick }) {
  const parley = openProcess('peers/parley.mjs', folder);
  const audience = openProcess('readers.mjs', folder);
  const bystanders = openProcess('readers.mjs', folder);
  // Far more than the buffers of the system between two sockets hold.
  const events = quick ? 300 : 10_000;
  const deliver = createDelivery(audience, { readers: READERS, atLeast: events });

  /** @param {number} stalled */
  const flood = async (stalled) => {
    const rest = createRest(await parley.call('address'));
    const session = await rest.createSession(folder);
    const address = { url: session.ws_url, headers: rest.headers };
    await bystanders.call('connect', { ...address, readers: stalled, stall: true });
    const delivered = await deliver(parley, address, () =>
      rest.submit(session, { type: 'user_message', content: JSON.stringify({ pieces: events, pauseMs: 0 }) }),
    );
    await bystanders.call('leave');
    await rest.closeSession(session);
    return delivered.events / delivered.seconds;
  };
  try {
    progress('stalled: 90 readers, with ten that stand still and without');
    const rates = await measureInTurn(quick ? 1 : REPEATS, [() => flood(STALLED), () => flood(0)]);
    return [
      '### Events a second to 90 readers, beside ten that stand still\n',
      printTable(['', `with ${STALLED}`, 'without', 'ratio'], [compare('a flood', rates, 0)]),
    ].join('\n');
  } finally {
    await Promise.all([parley.close(), audience.close(), bystanders.close()]);
  }
}
