import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import type { Git } from './git.js';
import { foldersOf, lstatIfAny, obstacleOf, readStamp } from './on-disk.js';
import { type FolderFact, type LandingPlan, planLanding, type Step } from './plan-landing.js';
import { stage } from './staging.js';
import { syncFolder, writeWhole } from './write-whole.js';

/** Where something lands, and where the server keeps what that takes. */
export interface LandingPlace {
  readonly git: Git;
  readonly store: string;
  /** The user's directory, resolved. */
  readonly cwd: string;
  /** The file of the server's own that says what is being landed, while it is. */
  readonly journal: string;
}

/** What has been done to a directory, enough to take it back. */
export interface Landed {
  readonly steps: readonly Step[];
  readonly folders: readonly FolderFact[];
}

/** What the journal says. `about`: whose landing it is, for whoever has to decide after a crash. */
export interface LandingJournal<About> extends Landed {
  readonly about: About;
  /** The folder in the user's directory that files are prepared in. */
  readonly staging: string;
}

/** A landing that came to nothing because files changed under it. Nothing is left of it. */
export class LandingDisturbed extends Error {
  override readonly name = 'LandingDisturbed';
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[]) {
    super('files changed while the patch was being written');
    this.problems = problems;
  }
}

/**
 * Carries out a plan whole or not at all (promise 7): what is intended is durable before the first file is touched, and
 * whatever fails, what was done is taken back. `settle` is called when every file is in place; if it fails, that is
 * taken back too.
 *
 * @param kept folders that stay although they are empty, and their permission bits
 */
export async function land<About>(
  place: LandingPlace,
  plan: LandingPlan,
  { about, kept, settle }: { about: About; kept: readonly FolderFact[]; settle: (landed: Landed) => Promise<void> },
): Promise<void> {
  const { steps, folders } = plan;
  const journal: LandingJournal<About> = { about, staging: `.parley-${randomUUID()}`, steps, folders };
  await writeWhole(place.journal, JSON.stringify(journal));
  try {
    await execute(place, journal, kept);
    await settle({ steps, folders });
  } catch (error) {
    await undoLanding(place, journal);
    throw error;
  }
  await forgetLanding(place);
}

/** What was being landed when the process ended; undefined for nothing. */
export async function readLanding<About>(place: LandingPlace): Promise<LandingJournal<About> | undefined> {
  try {
    return JSON.parse(await readFile(place.journal, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Says that a landing is over, and removes what it left behind. */
export async function endLanding(place: LandingPlace, { staging }: { readonly staging: string }): Promise<void> {
  await removeStaging(place, staging);
  await forgetLanding(place);
}

/**
 * Takes back a landing that came to its end or did not. What the user has changed since stays: merged where it can be,
 * left as it is where it cannot.
 *
 * @returns the files that could not be taken back
 */
export async function undoLanding(
  place: LandingPlace,
  journal: LandingJournal<unknown>,
): Promise<readonly FileProblem[]> {
  await removeStaging(place, journal.staging);
  // A kill may have come between a folder and the file that it was made for: no change leads back to such a folder.
  await removeEmpty(
    place.cwd,
    journal.folders.filter(({ bits }) => bits === null),
  );
  const { steps, folders, problems } = await planLanding(place, reversed(journal));
  const standing = new Set(problems.map(({ path }) => path));
  const possible = steps.filter(({ path }) => !standing.has(path));
  await execute(place, { staging: journal.staging, steps: possible, folders }, journal.folders);
  await endLanding(place, journal);
  return problems;
}

/** The changes that lead back. */
export function reversed({ steps }: Landed) {
  return steps.map(({ path, before, after }) => ({ path, before: after, after: before }));
}

/** A git that outlived its server may still be writing there. */
function removeStaging({ cwd }: LandingPlace, staging: string): Promise<void> {
  return rm(join(cwd, staging), { recursive: true, force: true, maxRetries: 5 });
}

async function forgetLanding({ journal }: LandingPlace): Promise<void> {
  await rm(journal, { force: true });
  await syncFolder(dirname(journal));
}

async function execute(
  place: LandingPlace,
  { staging, steps, folders }: Landed & { readonly staging: string },
  kept: readonly FolderFact[],
): Promise<void> {
  const { cwd } = place;
  const staged = await stage(place, join(cwd, staging), steps);
  const keeping = new Map(kept.flatMap(({ path, bits }) => (bits === null ? [] : [[path, bits] as const])));
  const removed = steps.filter(({ after }) => after === null);
  const written = steps.filter(({ after }) => after !== null);
  for (const step of removed) {
    await checkUntouched(cwd, step);
    await told(step, unlink(join(cwd, step.path)));
  }
  // Folders that this has emptied. One that is to be written into keeps its permissions.
  const needed = new Set(written.flatMap(({ path }) => foldersOf(path)));
  await removeEmpty(
    cwd,
    folders.filter(({ path }) => !keeping.has(path) && !needed.has(path)),
  );
  for (const [path, bits] of keeping) await makeFolder(cwd, { path, bits }, join(cwd, staging));
  for (const step of written) {
    await checkUntouched(cwd, step);
    await told(step, mkdir(dirname(join(cwd, step.path)), { recursive: true }));
    await told(step, rename(staged.of(step), join(cwd, step.path)));
  }
  await rm(join(cwd, staging), { recursive: true, force: true });
  const touched = new Set([...steps, ...folders].map(({ path }) => dirname(path)));
  for (const folder of touched) {
    // What was a folder may be a link by now, to anywhere.
    if ((await obstacleOf(cwd, join(folder, 'x'))) === undefined) {
      await syncFolder(join(cwd, folder)).catch(ignoreMissing);
    }
  }
}

/** The last look before a file is touched: no link on the way by now, and the file is the one that was planned with. */
async function checkUntouched(cwd: string, { path, before }: Step): Promise<void> {
  const obstacle = await obstacleOf(cwd, path);
  if (obstacle !== undefined) throw disturbed(path, `${obstacle} is no folder any more`);
  if ((await readStamp(join(cwd, path))) !== before?.stamp) throw disturbed(path, 'is being changed right now');
}

/** What the system refuses is the matter of that file. */
async function told({ path }: Step, done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw disturbed(path, `cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

function disturbed(path: string, reason: string): LandingDisturbed {
  return new LandingDisturbed([{ path, reason }]);
}

/** Removes those of the folders that are empty, the inmost first. */
async function removeEmpty(cwd: string, folders: readonly FolderFact[]): Promise<void> {
  const inmostFirst = [...folders].sort((a, b) => b.path.length - a.path.length);
  for (const { path } of inmostFirst) await removeIfEmpty(cwd, path);
}

async function removeIfEmpty(cwd: string, path: string): Promise<void> {
  if ((await obstacleOf(cwd, path)) !== undefined) return;
  try {
    await rmdir(join(cwd, path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EEXIST') throw error;
  }
}

/** Makes a folder where there is none, with its permissions in one go: after a kill between the two nobody knew them. */
async function makeFolder(cwd: string, { path, bits }: { path: string; bits: number }, staging: string): Promise<void> {
  const place = join(cwd, path);
  if ((await obstacleOf(cwd, `${path}/.`)) !== undefined || (await lstatIfAny(place)) !== undefined) return;
  const made = join(staging, 'folder');
  await mkdir(made);
  await chmod(made, bits);
  await mkdir(dirname(place), { recursive: true });
  await rename(made, place);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')))
    throw error;
}
