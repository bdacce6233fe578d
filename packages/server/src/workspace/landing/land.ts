import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import { syncFolder, writeWhole } from '../../files/write-whole.js';
import type { Git } from '../git/git.js';
import { disturbed, LandingDisturbed, LandingLeft, told } from './landing-disturbed.js';
import { makeFolder, removeEmpty } from './landing-folders.js';
import { foldersOf, obstacleOf, readStamp } from './on-disk.js';
import { type FolderFact, type LandingPlan, planLanding, type Step } from './plan-landing.js';
import { stage } from './staging.js';

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

/** How often what is disturbed is taken back anew, from what the files are by then. */
const UNDO_TRIES = 5;

/**
 * Carries out a plan whole or not at all (promise 7): what is intended is durable before the first file is touched, and
 * whatever fails, what was done is taken back. `settle` is called when every file is in place; if it fails, that is
 * taken back too.
 *
 * @param kept folders that stay although they are empty, and their permission bits
 * @throws LandingDisturbed naming the files; LandingLeft if somebody writes them faster than they are taken back
 */
export async function land<About>(
  place: LandingPlace,
  plan: LandingPlan,
  { about, kept, settle }: { about: About; kept: readonly FolderFact[]; settle: (landed: Landed) => Promise<void> },
): Promise<void> {
  const { steps, folders } = plan;
  const journal: LandingJournal<About> = { about, staging: `.parley-${randomUUID()}`, steps, folders };
  await writeWhole(place.journal, JSON.stringify(journal));
  const touched = new Set<string>();
  try {
    await execute(place, journal, { kept, touched });
    await settle({ steps, folders });
  } catch (error) {
    // Without this: leaves a landing half done where it fails
    await takeBack(place, journal, { touched, cause: error });
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

/** @throws LandingLeft naming what was written and could not be put back */
async function takeBack(
  place: LandingPlace,
  journal: LandingJournal<unknown>,
  { touched, cause }: { touched: ReadonlySet<string>; cause: unknown },
): Promise<void> {
  const problems = await undoLanding(place, journal).catch((error: unknown) => {
    // The journal stays: the next command, or the next start, tries again.
    if (error instanceof LandingDisturbed) return error.problems;
    return [{ path: '.', reason: `cannot be put back: ${error instanceof Error ? error.message : error}` }];
  });
  // What the user has made of the others meanwhile is in nobody's way.
  const left = problems.filter(({ path }) => path === '.' || touched.has(path));
  if (left.length > 0) throw new LandingLeft(left, { cause });
}

/**
 * Takes back a landing that came to its end or did not. What the user has changed since stays: merged where it can be,
 * left as it is where it cannot.
 *
 * @returns the files that could not be taken back
 * @throws LandingDisturbed if files change all the time; then it can be tried again
 */
export async function undoLanding(
  place: LandingPlace,
  journal: LandingJournal<unknown>,
): Promise<readonly FileProblem[]> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await undoOnce(place, journal);
    } catch (error) {
      // Without this: gives up taking a landing back when a file is saved meanwhile
      if (!(error instanceof LandingDisturbed) || tried === UNDO_TRIES) throw error;
    }
  }
}

async function undoOnce(place: LandingPlace, journal: LandingJournal<unknown>): Promise<readonly FileProblem[]> {
  await removeStaging(place, journal.staging);
  // A kill may have come between a folder and the file that it was made for: no change leads back to such a folder.
  // Without this: leaves the folders of files that a killed landing did not get to
  await removeEmpty(
    place.cwd,
    journal.folders.filter(({ bits }) => bits === null),
  );
  const { steps, folders, problems } = await planLanding(place, reversed(journal));
  const standing = new Set(problems.map(({ path }) => path));
  const possible = steps.filter(({ path }) => !standing.has(path));
  await execute(place, { staging: journal.staging, steps: possible, folders }, { kept: journal.folders });
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
  { kept, touched = new Set() }: { readonly kept: readonly FolderFact[]; readonly touched?: Set<string> },
): Promise<void> {
  const { cwd } = place;
  const staged = await told({ path: '.' }, stage(place, join(cwd, staging), steps));
  const keeping = new Map(kept.flatMap(({ path, bits }) => (bits === null ? [] : [[path, bits] as const])));
  const removed = steps.filter(({ after }) => after === null);
  const written = steps.filter(({ after }) => after !== null);
  for (const step of removed) {
    await checkUntouched(cwd, step);
    touched.add(step.path);
    await told(step, unlink(join(cwd, step.path)));
  }
  // Folders that this has emptied. One that is to be written into keeps its permissions.
  const needed = new Set(written.flatMap(({ path }) => foldersOf(path)));
  await removeEmpty(
    cwd,
    folders.filter(({ path }) => !keeping.has(path) && !needed.has(path)),
  );
  for (const [path, bits] of keeping) await told({ path }, makeFolder(cwd, { path, bits }, join(cwd, staging)));
  for (const step of written) {
    await checkUntouched(cwd, step);
    await told(step, mkdir(dirname(join(cwd, step.path)), { recursive: true }));
    touched.add(step.path);
    await told(step, rename(staged.of(step), join(cwd, step.path)));
  }
  await rm(join(cwd, staging), { recursive: true, force: true });
  const changed = new Set([...steps, ...folders].map(({ path }) => dirname(path)));
  for (const folder of changed) {
    // What was a folder may be a link by now, to anywhere.
    if ((await obstacleOf(cwd, join(folder, 'x'))) === undefined) {
      await syncFolder(join(cwd, folder)).catch(ignoreMissing);
    }
  }
}

/** The last look before a file is touched: no link on the way by now, and the file is the one that was planned with. */
async function checkUntouched(cwd: string, { path, before }: Step): Promise<void> {
  const obstacle = await obstacleOf(cwd, path);
  // Without this: lands through a link that was a folder
  if (obstacle !== undefined) throw disturbed(path, `${obstacle} is no folder any more`);
  // Without this: lands over a file that is being changed
  if ((await readStamp(join(cwd, path))) !== before?.stamp) throw disturbed(path, 'is being changed right now');
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')))
    throw error;
}
