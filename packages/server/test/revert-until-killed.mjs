/**
 * Recovers, then reverts the last patch of what is kept; ends itself with SIGKILL before its `DIE_AT`th change of a file.
 * The log is a file: the ids of what has been applied. Run from the built code, since it has to be a process of its own.
 */
import { readFileSync } from 'node:fs';
import { writeWhole } from '../dist/files/write-whole.js';
import { createKeptPatches } from '../dist/patches/kept-patches.js';
import { dieBefore } from './die-before.mjs';

const [cwd = '', folder = '', log = ''] = process.argv.slice(2);
const kept = createKeptPatches(folder, cwd);
dieBefore(Number(process.env.DIE_AT));

/** @type {string[]} */
const applied = JSON.parse(readFileSync(log, 'utf8'));
await kept.recover(applied);
const commit = () => writeWhole(log, JSON.stringify(applied.slice(0, -1)));
const problems = await kept.restore(applied.at(-1) ?? '', commit);
if (problems.length > 0) throw new Error(JSON.stringify(problems));
