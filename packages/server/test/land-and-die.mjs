/**
 * Applies and reverts, over and over, what an agent changed in its copy, until it is killed. The log is a file: the ids
 * of what has been applied. Run from the built code, since it has to be a process of its own.
 */
import { readFileSync } from 'node:fs';
import { createIsolatedWorkspaces } from '../dist/workspace/isolated/open-workspace.js';
import { writeWhole } from '../dist/workspace/isolated/write-whole.js';

const [cwd = '', folder = '', log = ''] = process.argv.slice(2);
const workspace = await createIsolatedWorkspaces(`${folder}-cache`).reopen(cwd, folder);
/** @type {string[]} */
let applied = JSON.parse(readFileSync(log, 'utf8'));
await workspace.recover(applied);
process.stdout.write('ready\n');
for (;;) {
  const change = await workspace.pending(applied);
  const after = change === undefined ? applied.slice(0, -1) : [...applied, change.patchId];
  const commit = () => writeWhole(log, JSON.stringify(after));
  const problems =
    change === undefined ? await workspace.revert(applied, commit) : await workspace.apply(change, commit);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  applied = after;
}
