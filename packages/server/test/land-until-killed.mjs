/**
 * Recovers, then applies what an agent changed in its copy or, where nothing is pending, reverts the last patch; ends
 * itself with SIGKILL before its `DIE_AT`th change of a file. The log is a file: the ids of what has been applied. Run
 * from the built code, since it has to be a process of its own.
 */
import { readFileSync } from 'node:fs';
import { writeWhole } from '../dist/files/write-whole.js';
import { createIsolatedWorkspaces } from '../dist/workspace/open-workspace.js';
import { dieBefore } from './die-before.mjs';

const [cwd = '', folder = '', log = ''] = process.argv.slice(2);
const workspace = await createIsolatedWorkspaces(`${folder}-cache`, { readTimeout: 30_000 }).reopen(cwd, folder);
dieBefore(Number(process.env.DIE_AT));

/** @type {string[]} */
const applied = JSON.parse(readFileSync(log, 'utf8'));
await workspace.recover(applied);
const change = await workspace.pending(applied);
const after = change === undefined ? applied.slice(0, -1) : [...applied, change.patchId];
const commit = () => writeWhole(log, JSON.stringify(after));
const problems = change === undefined ? await workspace.revert(applied, commit) : await workspace.apply(change, commit);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
