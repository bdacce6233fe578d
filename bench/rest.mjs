import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { compare, measureInTurn, printTable, REPEATS } from './figures.mjs';
import { endWithUs, openProcess } from './process.mjs';
import { progress } from './progress.mjs';
import { createRest } from './rest-client.mjs';

const autocannon = createRequire(import.meta.url).resolve('autocannon');
const CONNECTIONS = 32;

/** @typedef {{name: string, path: string, body?: object}} Operation */

/**
 * @type {Operation[]} An interrupt is a submission like others: it is durable before its answer, but it starts no work.
 */
const OPERATIONS = [
  { name: 'GET session', path: '' },
  { name: 'POST submit', path: '/submit', body: { type: 'interrupt' } },
];

/**
 * REST requests, with requests and answers validated, against Express with the same authentication, logging and
 * sessions but no validation. The load comes from a separate process over connections that stay open.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureRest({ folder, quick }) {
  const parley = openProcess('peers/parley.mjs', folder);
  const express = openProcess('peers/express.mjs', folder);
  try {
    const ours = createRest(await parley.call('address'));
    const theirs = createRest(await express.call('address'));
    const sessions = { ours: await ours.createSession(folder), theirs: await theirs.createSession(folder) };
    const seconds = quick ? 1 : 3;
    const rates = [];
    const costs = [];
    for (const operation of OPERATIONS) {
      progress(`rest: ${operation.name}`);
      const repeats = await measureInTurn(quick ? 1 : REPEATS, [
        () => run(parley, ours.headers, sessions.ours.http_url, operation, seconds),
        () => run(express, theirs.headers, sessions.theirs.http_url, operation, seconds),
      ]);
      const of = (/** @type {'rate' | 'cpu'} */ key) => repeats.map((results) => results.map((result) => result[key]));
      rates.push(compare(operation.name, of('rate'), 0, '≥ 0.5'));
      costs.push(compare(operation.name, of('cpu'), 0, ''));
    }
    const head = ['Parley', 'Express', 'ratio', 'budget'];
    return [
      '### Requests a second\n',
      printTable(['', ...head], rates),
      '\n### Processor time of the server for a request, µs\n',
      printTable(['', ...head], costs),
    ].join('\n');
  } finally {
    await Promise.all([parley.close(), express.close()]);
  }
}

/**
 * @param {import('./process.mjs').Process} server
 * @param {Record<string, string>} headers
 * @param {string} url Of the session.
 * @param {Operation} operation
 * @param {number} seconds
 */
async function run(server, headers, url, { path, body }, seconds) {
  const post = body && [
    '--method',
    'POST',
    '--body',
    JSON.stringify(body),
    '--headers',
    'content-type=application/json',
  ];
  const credential = ['--headers', `authorization=${headers.authorization}`];
  const load = ['--json', '--connections', String(CONNECTIONS), '--duration', String(seconds)];
  const args = [autocannon, ...load, ...credential, ...(post ?? []), `${url}${path}`];
  const before = await server.call('cpu');
  const running = promisify(execFile)(process.execPath, args);
  endWithUs(running.child);
  const { stdout } = await running;
  const cpu = (await server.call('cpu')) - before;
  const { '2xx': good, non2xx, errors, timeouts, duration } = JSON.parse(stdout);
  if (good === 0 || non2xx + errors > 0) {
    throw new Error(`expected good answers of ${path}, got ${JSON.stringify({ good, non2xx, errors, timeouts })}`);
  }
  return { rate: good / duration, cpu: cpu / good };
}
