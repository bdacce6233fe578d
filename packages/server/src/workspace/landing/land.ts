import { randomUUID } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import { isMissing, isMissingPath } from '../../files/is-missing.js';
import { BehindLink, inFolder, inItsFolder } from '../../files/without-links.js';
import { syncFolder, writeWhole } from '../../files/write-whole.js';
import type { Git } from '../git/git.js';
import { disturbed, LandingDisturbed, LandingLeft, withPath } from './landing-disturbed.js';
import { makeFolder, makeFolders, removeEmpty } from './landing-folders.js';
import { foldersOf, readStamp } from './on-disk.js';
import { type FolderFact, type LandingPlan, planLanding, type Step } from './plan-landing.js';
import { stage } from './staging.js';

/** The directory of a landing, and the files of the server for it. */
export interface LandingPlace {
  readonly git: Git;
  readonly store: string;
  /** The user's directory, resolved. */
  readonly cwd: string;
  /** The file of the server that records a running landing. */
  readonly journal: string;
}

/** The changes that were made to a directory, with everything needed to undo them. */
export interface Landed {
  readonly steps: readonly Step[];
  readonly folders: readonly FolderFact[];
}

/** The content of the journal file. */
export interface LandingJournal<About> extends Landed {
  /** The command that the landing belongs to. After a crash, it decides whether the landing is undone. */
  readonly about: About;
  /** The folder in the user's directory in which files are prepared. */
  readonly staging: string;
}

/** How many times an undo is tried if files change meanwhile. Each attempt begins with the files as they are then. */
const UNDO_TRIES = 5;

/**
 * Carries out a plan completely or not at all (promise 7). The plan is durable before the first file is touched, and any failure
 * undoes the changes. `settle` is called when every file is in place; if it fails, the changes are undone too.
 *
 * @param kept folders that stay even if they are empty, and their permission bits
 * @throws LandingDisturbed naming the files; LandingLeft if files could not be restored, for example since they keep changing
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
    await undoFailed(place, journal, { touched, cause: error });
    throw error;
  }
  await forgetLanding(place);
}

/** The landing that was running when the process ended; undefined if there was none. */
export async function readLanding<About>(place: LandingPlace): Promise<LandingJournal<About> | undefined> {
  try {
    return JSON.parse(await readFile(place.journal, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes the journal of a landing and everything else that it left. */
export async function endLanding(place: LandingPlace, { staging }: { readonly staging: string }): Promise<void> {
  await removeStaging(place, staging);
  await forgetLanding(place);
}

/**
 * Undoes a failed landing.
 *
 * @throws LandingLeft naming the files that were written and could not be restored
 */
async function undoFailed(
  place: LandingPlace,
  journal: LandingJournal<unknown>,
  { touched, cause }: { touched: ReadonlySet<string>; cause: unknown },
): Promise<void> {
  const problems = await undoLanding(place, journal).catch((error: unknown) => {
    // The journal stays, so the next command or the next start tries again.
    if (error instanceof LandingDisturbed) return error.problems;
    return [{ path: '.', reason: `cannot be put back: ${error instanceof Error ? error.message : error}` }];
  });
  // Files that the landing had not touched yet do not count, even if the user has changed them.
  const left = problems.filter(({ path }) => touched.size > 0 && (path === '.' || touched.has(path)));
  if (left.length > 0) throw new LandingLeft(left, { cause });
}

/**
 * Undoes a landing, whether it was completed or not. Later changes of the user are kept: they are merged if possible,
 * otherwise the file is not touched.
 *
 * @returns the files that could not be restored
 * @throws LandingDisturbed if files keep changing; then it can be tried again
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
  // If the process was killed after it had made a folder and before its first file, no step removes that folder.
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

/** The changes that undo a landing. */
export function reversed({ steps }: Landed) {
  return steps.map(({ path, before, after }) => ({ path, before: after, after: before }));
}

/** Removes the staging folder with its files. What somebody else has put there in folders of his own stays. */
async function removeStaging({ cwd }: LandingPlace, staging: string): Promise<void> {
  await inFolder(join(cwd, staging), async (folder) => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      await (entry.isDirectory() ? rmdir(path).catch(() => undefined) : rm(path, { force: true }));
    }
  });
  await inItsFolder(join(cwd, staging), (path) => rmdir(path).catch(() => undefined));
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
  const staged = await withPath({ path: '.' }, stage(place, join(cwd, staging), steps));
  const keeping = new Map(kept.flatMap(({ path, bits }) => (bits === null ? [] : [[path, bits] as const])));
  const removed = steps.filter(({ after }) => after === null);
  const written = steps.filter(({ after }) => after !== null);
  for (const step of removed) {
    await onUntouched(cwd, step, async (file) => {
      touched.add(step.path);
      await unlink(file);
    });
  }
  // Remove folders that are empty now, except those that will be written into: they keep their permissions.
  const needed = new Set(written.flatMap(({ path }) => foldersOf(path)));
  await removeEmpty(
    cwd,
    folders.filter(({ path }) => !keeping.has(path) && !needed.has(path)),
  );
  for (const [path, bits] of keeping) await withPath({ path }, makeFolder(cwd, { path, bits }, join(cwd, staging)));
  for (const step of written) {
    await withPath(step, makeFolders(cwd, step.path));
    await onUntouched(cwd, step, async (file) => {
      touched.add(step.path);
      await inFolder(join(cwd, staging), (folder) => rename(join(folder, staged.get(step)?.name ?? ''), file));
    });
  }
  for (const step of written) await checkInPlace(cwd, step, staged.get(step)?.inode);
  await removeStaging(place, staging);
  const changed = new Set([...steps, ...folders].map(({ path }) => dirname(path)));
  for (const folder of changed) await inFolder(join(cwd, folder), syncFolder).catch(ignoreLink);
}

/**
 * Works with the path of a file, in its folder that is held open: no link can lead it elsewhere. Just before, the file is as it
 * was planned.
 */
async function onUntouched(cwd: string, step: Step, work: (file: string) => Promise<void>): Promise<void> {
  const { path, before } = step;
  const change = async (file: string) => {
    // Without this: lands over a file that is being changed
    if ((await readStamp(file)) !== before?.stamp) throw disturbed(path, 'is being changed right now');
    await work(file);
    return true;
  };
  // Without this: lands through a link that was a folder
  const done = await withPath(step, inItsFolder(join(cwd, path), change)).catch((error) => {
    throw error instanceof BehindLink ? disturbed(path, 'is behind a link by now') : error;
  });
  if (!done) throw disturbed(path, 'its folder is not there any more');
}

/** The last look at a file that was written: it is at its path, and has not been moved away with its folder. */
async function checkInPlace(cwd: string, { path }: Step, inode: number | undefined): Promise<void> {
  const found = await inItsFolder(join(cwd, path), lstat).catch(() => undefined);
  // Without this: says that a file has landed that was moved away with its folder
  if (found === undefined || found.ino !== inode) throw disturbed(path, 'has been moved while it was written');
}

function ignoreLink(error: unknown): void {
  if (!(error instanceof BehindLink) && !isMissingPath(error)) throw error;
}
