import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countSeen, listDescribed } from './described.js';
import { findBreaches } from './find-breaches.js';
import { neverSeen } from './never-seen.js';
import { type Recording, readRecording } from './read-recording.js';
import { makeTour } from './tour.js';
import { recordingOptions } from './wire-log.mjs';

const { PARLEY_WIRE_LOG: given } = process.env;
const folder = given ?? mkdtempSync(join(tmpdir(), 'parley-wire-'));
let recording: Recording;
let seen: Map<string, number>;

beforeAll(async () => {
  if (given === undefined) record();
  await makeTour(folder);
  recording = readRecording(folder);
  seen = countSeen(recording);
});
afterAll(() => {
  console.log(describeCoverage());
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
});

/** Runs the command's own tests and those of the example, and keeps what goes over the wire. */
function record(): void {
  const repository = join(import.meta.dirname, '..', '..');
  const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', 'packages/cli', 'examples'], {
    cwd: repository,
    env: { ...process.env, NODE_OPTIONS: recordingOptions(folder, 'cli') },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The tests of the command failed:\n${stdout}${stderr}`);
}

function describeCoverage(): string {
  const { exchanges, connections } = recording;
  const described = listDescribed();
  const missing = described.filter((name) => !seen.has(name));
  const lines = described.map((name) => `${String(seen.get(name) ?? 'never').padStart(8)}  ${name}`);
  const there = `${exchanges.length} requests and ${connections.length} connections`;
  const sum = `${there}; ${described.length - missing.length} of ${described.length} things were seen.`;
  return [...lines, sum, ...(missing.length > 0 ? [`Never seen: ${missing.join(', ')}.`] : [])].join('\n');
}

describe('what the suites have put on the wire', () => {
  it('is something', () => {
    expect(recording.exchanges.length).toBeGreaterThan(50);
    expect(recording.connections.length).toBeGreaterThan(5);
  });

  it('is described by the documents', () => {
    expect([...new Set(findBreaches(recording))].slice(0, 50)).toEqual([]);
  });

  // A developer's own recording is of few suites.
  it('is all that the documents describe, but for what is listed with its reason', () => {
    const missing = listDescribed().filter((name) => !seen.has(name));
    const unexplained = missing.filter((name) => !neverSeen.some(({ names }) => names.test(name)));
    expect(given === undefined ? [] : unexplained).toEqual([]);
  });

  it.each(neverSeen.map((rule) => [`${rule.names}`, rule]))(
    'is listed as never seen where it is described: %s',
    (_, rule) => {
      expect(listDescribed().filter((name) => rule.names.test(name))).not.toEqual([]);
    },
  );
});
