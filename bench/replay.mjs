import { join } from 'node:path';
import { createDelivery } from './delivery.mjs';
import { compare, measureInTurn, printTable, REPEATS } from './figures.mjs';
import { openProcess } from './process.mjs';
import { createRest } from './rest-client.mjs';

/**
 * What a session has in its log, sent to one reader that asks for all of it, against `ws` sending the very same bytes
 * out of memory.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureReplay({ folder, quick }) {
  const events = quick ? 5_000 : 100_000;
  const parley = openProcess('peers/parley.mjs', folder, [folder]);
  const bare = openProcess('peers/bare-ws.mjs', folder);
  const audience = openProcess('readers.mjs', folder);
  try {
    const rest = createRest(await parley.call('address'));
    const { url } = await bare.call('address');
    const session = await rest.createSession(folder);
    const address = { url: `${session.ws_url}?since_event_id=0`, headers: rest.headers };
    const deliver = createDelivery(audience, { readers: 1, atLeast: events });
    const content = JSON.stringify({ pieces: events, pauseMs: 0 });
    const file = join(folder, 'frames');
    await deliver(parley, { ...address, recordTo: file }, () =>
      rest.submit(session, { type: 'user_message', content }),
    );
    await bare.call('load', { file });

    const pairs = await measureInTurn(
      quick ? 1 : REPEATS,
      () => deliver(parley, address, () => undefined), // to connect is to ask
      () => deliver(bare, { url }, () => bare.call('broadcast', { pauseMs: 0 })),
    );
    const rates = pairs.map(({ ours, theirs }) => [ours.events / ours.seconds, theirs.events / theirs.seconds]);
    return [
      '### Events a second, replayed from the log to one reader\n',
      printTable(
        ['', 'Parley', 'bare `ws`', 'ratio', 'budget'],
        [compare(`${events.toLocaleString('en')} events`, rates, 0, '≥ 0.7')],
      ),
    ].join('\n');
  } finally {
    await Promise.all([parley.close(), bare.close(), audience.close()]);
  }
}
