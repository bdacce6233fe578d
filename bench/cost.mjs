import { join } from 'node:path';
import { copyBuild } from './copy-build.mjs';
import { createDelivery } from './delivery.mjs';
import { compare, measureInTurn, printTable, REPEATS } from './figures.mjs';
import { openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { createRest } from './rest-client.mjs';

/** What is switched off, each in a copy of the build, since the server has no option for it. */
const WITHOUT = {
  validation: {
    file: 'contract/dist/gen/asyncapi/strict.js',
    edits: [
      [
        'export const strictEvent = /* @__PURE__ */ validator(checkEvent);',
        'export const strictEvent = (value) => ({ ok: true, value });',
      ],
    ],
  },
  durability: {
    file: 'server/dist/log/sqlite/sqlite-database.js',
    edits: [
      ['PRAGMA synchronous = FULL', 'PRAGMA synchronous = OFF'],
      ['if (synchronous !== 2)', 'if (synchronous !== 0)'],
    ],
  },
};

/**
 * The cost of validating every event, and of writing it to the disk before anyone sees it: the server against the same
 * server without validation, and without the disk.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureCost({ folder, quick }) {
  const builds = Object.entries(WITHOUT).map(([name, change]) =>
    copyBuild(join(folder, `without-${name}`), /** @type {Parameters<typeof copyBuild>[1]} */ (change)),
  );
  const servers = [[], ...builds].map((file) => openProcess('peers/parley.mjs', folder, { args: [file].flat() }));
  const audience = openProcess('readers.mjs', folder);
  try {
    const addresses = await Promise.all(servers.map((server) => server.call('address')));
    const run = async (/** @type {{events: number, pauseMs: number}} */ { events, pauseMs }) => {
      const deliver = createDelivery(audience, { readers: 1, atLeast: events });
      const content = JSON.stringify({ pieces: events, pauseMs });
      const measures = servers.map((server, index) => async () => {
        const rest = createRest(addresses[index]);
        const session = await rest.createSession(folder);
        const delivered = await deliver(server, { url: session.ws_url, headers: rest.headers }, () =>
          rest.submit(session, { type: 'user_message', content }),
        );
        await rest.closeSession(session);
        return delivered;
      });
      return measureInTurn(quick ? 1 : REPEATS, measures);
    };
    progress('cost: a flood');
    const flood = await run({ events: quick ? 3_000 : 60_000, pauseMs: 0 });
    progress('cost: one at a time');
    const single = await run({ events: quick ? 200 : 1_000, pauseMs: 2 });
    const cpuOf = (/** @type {typeof flood} */ repeats) =>
      repeats.map((results) => results.map(({ cpu, events }) => cpu / events));
    const rates = flood.map((results) => results.map(({ events, seconds }) => events / seconds));
    return [
      '### What validation and durability cost, one reader\n',
      printTable(
        ['', 'Parley', 'without validation', 'ratio', 'without durability', 'ratio'],
        [
          compare('a flood, events a second', rates, 0),
          compare('a flood, µs of processor time for an event', cpuOf(flood), 1),
          compare('one at a time, µs of processor time for an event', cpuOf(single), 1),
        ],
      ),
    ].join('\n');
  } finally {
    await Promise.all([...servers, audience].map((process) => process.close()));
  }
}
