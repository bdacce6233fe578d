import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../scripts/setup.mjs';
import { compare, measureInTurn, printTable, REPEATS } from './figures.mjs';
import { endWithUs, openProcess } from './process.mjs';
import { measureProcessorTime } from './processor-time.mjs';
import { progress } from './progress.mjs';
import { createRest } from './rest-client.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const SESSIONS_AT_ONCE = 10;

const parley = join(repository, 'packages', 'cli', 'bin', 'parley.js');
const demo = createRequire(join(repository, 'packages', 'agents', 'package.json')).resolve('#demo');

/**
 * How long a user waits for `parley serve` until it answers, with an empty data directory and with sessions in it, and
 * for `npm run generate`; and the processor time of what people and tests start most.
 *
 * @param {{folder: string, quick: boolean}} options
 * @returns {Promise<string>} Markdown.
 */
export async function measureStart({ folder, quick }) {
  const [sessions, events] = quick ? [5, 100] : [100, 1_000];
  progress(`start: creating ${sessions} sessions of ${events} events`);
  const dataDir = await makeSessions(folder, sessions, events);
  let empty = 0;
  progress('start: parley serve');
  const times = await measureInTurn(quick ? 1 : REPEATS, [
    () => {
      empty += 1;
      return measureServe(join(folder, `empty-${empty}`), folder);
    },
    () => measureServe(dataDir, folder),
  ]);
  const generating = quick ? [] : await measureGenerate(); // other checks show whether it works
  const only = (/** @type {number} */ index) => times.map((results) => [results[index] ?? Number.NaN]);
  const held = `${sessions.toLocaleString('en')} sessions of ${events.toLocaleString('en')} events`;
  return [
    '### Seconds\n',
    printTable(
      ['', 'Parley', 'budget'],
      [
        compare('`parley serve` to its first answer, new', only(0), 2, '≤ 1'),
        compare(`\`parley serve\` to its first answer, ${held}`, only(1), 2, '≤ 1'),
        ...(generating.length > 0 ? [compare('`npm run generate`', generating, 1, '≤ 10')] : []),
      ],
    ),
    '\n### Seconds of processor time of a start\n',
    await measureProcessorTimes({ folder, quick }),
  ].join('\n');
}

/** @param {{folder: string, quick: boolean}} options */
async function measureProcessorTimes({ folder, quick }) {
  progress('start: processor time');
  const serve = (/** @type {string} */ dataDir) => [
    parley,
    'serve',
    '--port',
    '0',
    '--data-dir',
    dataDir,
    '--root',
    folder,
  ];
  const dataDir = join(folder, 'listed');
  const server = endWithUs(spawn(process.execPath, serve(dataDir), { stdio: ['ignore', 'pipe', 'ignore'] }));
  await readAddress(server.stdout);
  const node =
    (/** @type {string[]} */ args, /** @type {Parameters<typeof measureProcessorTime>[1]} */ until = undefined) =>
    () =>
      measureProcessorTime([process.execPath, ...args], until);
  let served = 0;
  const times = await measureInTurn(quick ? 1 : 2 * REPEATS, [
    node(['--eval', '0']),
    node([parley, '--version']),
    node([parley, 'sessions', '--data-dir', dataDir]),
    node([demo], openSession),
    () => {
      served += 1;
      return node(serve(join(folder, `served-${served}`)), ({ stdout }) => readAddress(stdout).then(askHealth))();
    },
  ]);
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
  const row = (/** @type {string} */ name, /** @type {number} */ index, /** @type {string} */ budget) => {
    const pairs = times.map((results) => [results[index] ?? Number.NaN, results[0] ?? Number.NaN]);
    return compare(name, pairs, 2, budget);
  };
  return printTable(
    ['', 'Parley', 'bare Node', 'ratio', 'budget'],
    [
      row('`parley --version`', 1, '≤ 0.12 s'),
      row('`parley sessions`, of a server that runs', 2, '≤ 0.3 s'),
      row('the demo agent to its answer to `session/new`', 3, '≤ 0.12 s'),
      row('`parley serve` to its first answer, new', 4, '≤ 0.45 s'),
    ],
  );
}

/** @param {{stdin: import('node:stream').Writable, stdout: import('node:stream').Readable}} agent One that speaks ACP. */
async function openSession({ stdin, stdout }) {
  const ask = (/** @type {number} */ id, /** @type {string} */ method, /** @type {object} */ params) =>
    stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  ask(1, 'initialize', { protocolVersion: 1 });
  ask(2, 'session/new', { cwd: repository, mcpServers: [] });
  let said = '';
  for await (const text of stdout.setEncoding('utf8')) {
    said += text;
    if (said.includes('"sessionId"')) return;
  }
  throw new Error(`the demo agent has ended before it opened a session: ${said}`);
}

/** @param {string} url */
async function askHealth(url) {
  const response = await fetch(`${url}/api/health`);
  if (!response.ok) throw new Error(`expected a good answer of ${url}/api/health, got ${response.status}`);
}

/**
 * @param {string} folder
 * @param {number} count
 * @param {number} pieces
 * @returns {Promise<string>} The data directory with the sessions. Its server has ended.
 */
async function makeSessions(folder, count, pieces) {
  const parley = openProcess('peers/parley.mjs', folder);
  const audience = openProcess('readers.mjs', folder);
  try {
    const { dataDir, ...address } = await parley.call('address');
    const rest = createRest(address);
    const content = JSON.stringify({ pieces, pauseMs: 0 });
    for (let left = count; left > 0; left -= SESSIONS_AT_ONCE) {
      const some = Array.from({ length: Math.min(left, SESSIONS_AT_ONCE) }, async () => {
        const session = await rest.createSession(folder);
        await rest.submit(session, { type: 'user_message', content });
        return session;
      });
      for (const { ws_url } of await Promise.all(some)) {
        await audience.call('connect', { url: `${ws_url}?since_event_id=0`, headers: rest.headers, readers: 1 });
      }
      await audience.call('finish');
    }
    return dataDir;
  } finally {
    await Promise.all([parley.close(), audience.close()]);
  }
}

/**
 * @param {string} dataDir
 * @param {string} root
 * @returns {Promise<number>} Seconds from the start of the command to the answer of its first request.
 */
async function measureServe(dataDir, root) {
  const started = performance.now();
  const args = [parley, 'serve', '--port', '0', '--data-dir', dataDir, '--root', root];
  const child = endWithUs(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
  const ended = once(child, 'exit');
  const url = await readAddress(child.stdout);
  await askHealth(url);
  const seconds = (performance.now() - started) / 1_000;
  child.kill('SIGTERM');
  await ended;
  return seconds;
}

/** @param {import('node:stream').Readable} stdout */
async function readAddress(stdout) {
  let said = '';
  for await (const text of stdout.setEncoding('utf8')) {
    said += text;
    const url = /listening at (http\S+)/.exec(said)?.[1];
    if (url) return url;
  }
  throw new Error(`parley serve has ended before it listened: ${said}`);
}

/** Seconds to generate everything from the documents and compare it with the files. */
async function measureGenerate() {
  progress('start: npm run generate');
  await ensureInstalled(join(repository, 'packages', 'codegen'));
  const generate = async () => {
    const started = performance.now();
    const args = [join(repository, 'scripts', 'generate.mjs'), '--check'];
    const child = endWithUs(spawn(process.execPath, args, { stdio: 'inherit' }));
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`npm run generate has ended with code ${code}`);
    return (performance.now() - started) / 1_000;
  };
  return measureInTurn(REPEATS, [generate], { warmUp: false });
}
