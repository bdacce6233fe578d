import { basename } from 'node:path';
import { commands } from './commands.mjs';
import { logFirst } from './log-first.mjs';
import { resume } from './resume.mjs';
import { slowReaders } from './slow-readers.mjs';
import { unknown } from './unknown.mjs';

/** @typedef {import('../mutant.mjs').Mutant} Mutant */
/** @typedef {Pick<Mutant, 'test' | 'title'>} Proof */

/** @type {Proof} */
const brokenConnections = {
  test: 'e2e/faults/broken-connections.test.ts',
  title: 'connections broken at any byte lose no event, repeat none, and no submission',
};
/** @type {Proof} */
const killedServer = { test: 'e2e/faults/killed-server.test.ts', title: 'a server that is killed' };
/** @type {Proof} */
const stalledReaders = { test: 'e2e/faults/stalled-readers.test.ts', title: 'stalled readers cost the server nothing' };
/** @type {Proof} */
const attaching = { test: 'e2e/faults/attaching.test.ts', title: 'readers that attach while events are appended' };
/** @type {Proof} */
const unknownEvents = {
  test: 'e2e/faults/unknown-events.test.ts',
  title: 'events that the SDK cannot read come as unknown',
};

const guards = [...logFirst, ...resume, ...commands, ...slowReaders, ...unknown];

/**
 * The fault suite, in its brief form: each of its tests notices by itself where a guard of what it proves is missing.
 *
 * @type {Mutant[]}
 */
export const faults = [
  again('keeps no record of a command', brokenConnections, { short: true }),
  again('makes a new key for each attempt', brokenConnections),
  again('resumes behind an event that it has not', brokenConnections),
  again('gives a loop what it has', brokenConnections),
  again('joins a connection that is past the loop', brokenConnections),
  again('waits for ever on a line that is dead', brokenConnections),
  {
    name: 'killed-server: shows an event a while before the log has it',
    promise: 1,
    mark: 'shows an event before the log has it',
    edits: [
      ['options.publish(entries);', ''],
      [
        'await log.append(sessionId, expected, entries);',
        'options.publish(entries); await new Promise((resolve) => setTimeout(resolve, 200)); await log.append(sessionId, expected, entries);',
      ],
    ],
    ...killedServer,
    short: true,
  },
  {
    name: 'killed-server: answers an append a while before it is committed',
    promise: 1,
    edits: [
      [
        "await call('append', { sessionId, rows, idempotency: toIdempotencyRows(entries) });",
        "setTimeout(() => call('append', { sessionId, rows, idempotency: toIdempotencyRows(entries) }).catch(String), 200);",
      ],
    ],
    ...killedServer,
  },
  again('gives the agent a message again after a crash', killedServer),
  again('takes no notice of a socket that is full', stalledReaders),
  again('repeats an event from memory', attaching, { short: true }),
  again('takes a later page of memory for the next one', attaching),
  again('replays everything to who asked for nothing', attaching),
  again('skips the event behind the cursor', attaching),
  again('passes over an event that does not fit', unknownEvents),
  again('drops the connection for an event that does not fit', unknownEvents, { short: true }),
  again('fails for an event of an unknown type', unknownEvents),
];

/**
 * @param {string} name Of a guard that a smaller test proves.
 * @param {Proof} proof
 * @param {Pick<Mutant, 'short'>} [options]
 * @returns {Mutant} The same guard, for another test.
 */
function again(name, proof, options = {}) {
  const guard = guards.find((mutant) => mutant.name === name);
  if (guard === undefined) throw new Error(`No guard is called ${name}.`);
  const { promise, mark = name, edits } = guard;
  return { name: `${basename(proof.test, '.test.ts')}: ${name}`, mark, promise, edits, ...proof, ...options };
}
