import { rmSync } from 'node:fs';
import { mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureCopies } from './copies.mjs';
import { measureCost } from './cost.mjs';
import { measureFanOut } from './fan-out.mjs';
import { measureIdle } from './idle.mjs';
import { measureLatency } from './latency.mjs';
import { measureReplay } from './replay.mjs';
import { measureRest } from './rest.mjs';
import { measureSize } from './size.mjs';
import { measureStalled } from './stalled.mjs';
import { measureStart } from './start.mjs';

/**
 * Runs the measurements and prints their tables. A whole run writes them into README.md. It fails if a measurement does
 * not work, but never because something is slow.
 */

/** @type {Record<string, (options: {folder: string, quick: boolean}) => Promise<string>>} */
const measurements = {
  'fan-out': measureFanOut,
  stalled: measureStalled,
  replay: measureReplay,
  latency: measureLatency,
  idle: measureIdle,
  cost: measureCost,
  rest: measureRest,
  start: measureStart,
  copies: measureCopies,
  size: measureSize,
};
const readme = fileURLToPath(new URL('README.md', import.meta.url));
const [BEGIN, END] = ['<!-- figures: begin -->', '<!-- figures: end -->'];

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const names = values.only === undefined ? Object.keys(measurements) : [values.only];
const folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-bench-')));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => process.exit(1));
/** @type {string[]} */
const parts = [];
for (const name of names) {
  const measure = measurements[name];
  if (!measure) throw new Error(`expected one of ${Object.keys(measurements).join(', ')}, got ${name}`);
  const part = await measure({ folder, quick: values.quick });
  console.log(`\n${part}\n`);
  parts.push(part);
}
if (values.quick) console.log('A quick run: it shows that everything works, but not how fast.');
else if (values.only === undefined) await write();

async function write() {
  const processors = cpus();
  const machine = `Node ${process.versions.node} on ${processors.length} processors (${processors[0]?.model.trim()})`;
  const written = `${new Date().toISOString().slice(0, 10)}, ${machine}.`;
  const text = await readFile(readme, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`expected ${BEGIN} and ${END} in ${readme}`);
  await writeFile(readme, `${before}${BEGIN}\n${written}\n\n${parts.join('\n\n')}\n${END}${after}`);
}
