/**
 * @file Everything that has changed between two releases of the contract, and whether the version allows it.
 */
import { compareCodes } from './codes.js';
import { inside } from './contract.js';
import { createJudge } from './judge.js';
import { compareRest } from './rest.js';
import { compareSocket } from './socket.js';

/**
 * @param {import('./contract.js').Contract} old
 * @param {import('./contract.js').Contract} current
 * @returns {import('./judge.js').Change[]} The breaking ones first.
 */
export function compareContracts(old, current) {
  const judge = createJudge(old, current);
  compareRest(judge, old, current);
  compareSocket(judge, old, current);
  compareCodes(judge, old, current);
  compareStored(judge, old, current);
  return judge.changes();
}

/** Schemas with `x-stored: true` are of what outlives a release. */
function compareStored(judge, old, current) {
  for (const [file, document] of Object.entries(old.documents)) {
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      if (schema['x-stored'] !== true) continue;
      const place = inside(`${file}#`, 'components', 'schemas', name);
      if (current.value(place) === undefined) {
        const means = 'An old log may hold it; the new server cannot read it.';
        judge.tell(name, {
          breaking: true,
          direction: 'stored',
          rule: 'stored',
          what: `the stored ${name} is gone`,
          means,
          old: place,
        });
      } else judge.compare('stored', 'stored', name, (side) => side.node(place));
    }
  }
}

/**
 * Whether a version may break what an older one promised: its major is greater, and before 1.0.0, as semantic
 * versioning has it, its minor.
 *
 * @param {string} old
 * @param {string} current
 * @throws where one of them is no version, or the current one is the lesser.
 */
export function mayBreak(old, current) {
  const [before, after] = [old, current].map(parseVersion);
  const first = [0, 1, 2].find((index) => before[index] !== after[index]);
  if (first !== undefined && after[first] < before[first]) throw new Error(`Version ${current} is older than ${old}.`);
  return first === 0 || (first === 1 && after[0] === 0);
}

/** The versions, the latest last. @param {string[]} versions */
export function sortVersions(versions) {
  return [...versions].sort((one, other) => {
    const [before, after] = [one, other].map(parseVersion);
    const first = [0, 1, 2].find((index) => before[index] !== after[index]) ?? 0;
    return before[first] - after[first];
  });
}

function parseVersion(version) {
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (found === null) throw new Error(`Expected a version such as 1.2.3, got ${version}.`);
  return found.slice(1).map(Number);
}
