import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem, PatchFile } from '@parleyhq/contract';
import { removeFolder } from '../files/remove-folder.js';
import { writeWhole } from '../files/write-whole.js';
import { bytesOf } from './byte-path.js';
import { contentId } from './content-id.js';
import type { Copy } from './copy/copy.js';
import type { Git } from './git/git.js';
import { type DiffText, diffTrees, type TreeChange, writeDiff } from './git/tree-diff.js';
import {
  endLanding,
  type Landed,
  type LandingPlace,
  land,
  readLanding,
  reversed,
  undoLanding,
} from './landing/land.js';
import { LandingDisturbed, LandingLeft } from './landing/landing-disturbed.js';
import { type FolderFact, type LandingPlan, planLanding, type Wanted } from './landing/plan-landing.js';
import type { PathLocks } from './path-locks.js';
import { createSerial } from './serial.js';

/** The changes of an agent in its copy that have not been applied. Immutable; the id is derived from the content. */
export interface PendingChange {
  readonly patchId: string;
  /** The ids of the patches that were applied before it. */
  readonly applied: readonly string[];
  /** The trees before and after the change. */
  readonly from: string;
  readonly to: string;
  readonly files: readonly PatchFile[];
  readonly changes: readonly TreeChange[];
}

/** A change as the API shows it: `parts` has the diff of each file. */
export interface DescribedChange extends DiffText {
  readonly conflicts: readonly FileProblem[];
}

/**
 * An agent's copy of a directory, and the means to apply its changes to the directory. The log knows which patches have been
 * applied: commands take their ids, oldest first. Commands run one after another.
 */
export interface IsolatedWorkspace {
  /** The folder that the agent works in. */
  readonly folder: string;
  /** The folder that the agent may write: `folder`, or a folder that contains it. */
  readonly top: string;
  /** The files of the directory that a new copy is without, since the server may not read them. */
  readonly leftOut: readonly string[];
  /** The difference of the copy from the original directory, or from the patch that was applied last. */
  pending(applied: readonly string[]): Promise<PendingChange | undefined>;
  /** The diff of a change, of at most `maxBytes`, and its conflicts with the current directory. */
  describe(change: PendingChange, maxBytes: number): Promise<DescribedChange>;
  /**
   * Applies a change to the directory, completely or not at all. `commit` writes it into the log; if that fails, nothing is
   * changed.
   *
   * @returns the conflicts; if there are any, nothing is changed
   * @throws LandingLeft if it failed and files could not be restored; the next command tries again to restore them
   */
  apply(change: PendingChange, commit: () => Promise<void>): Promise<readonly FileProblem[]>;
  /** Removes the patch that was applied last from the directory, in the same way. `commit` gets the files of the patch. */
  revert(
    applied: readonly string[],
    commit: (files: readonly PatchFile[]) => Promise<void>,
  ): Promise<readonly FileProblem[]>;
  /**
   * After a crash: undoes a landing that is not in the log. Returns the files that could not be restored. If the directory
   * itself is missing, it can be called again later.
   */
  recover(applied: readonly string[]): Promise<readonly FileProblem[]>;
  /**
   * Makes a workspace in another folder, whose agent finds the same files and whose pending change is the same. Patches that were
   * applied belong to this workspace alone.
   */
  fork(applied: readonly string[], folder: string): Promise<void>;
  /** Removes the copy and everything that belongs to it. */
  remove(): Promise<void>;
}

/** The stored record of an applied patch. */
interface AppliedRecord extends Landed {
  /** The tree of the copy when the patch was applied: the base for the next patch. */
  readonly tree: string;
  readonly files: readonly PatchFile[];
}

/** Identifies the command that a landing belongs to. */
interface LandingId {
  readonly kind: 'apply' | 'revert';
  readonly patchId: string;
}

/** Opens the workspace of a copy. `folder` is a folder of the server with everything that belongs to the workspace. */
export function createIsolatedWorkspace({
  git,
  locks,
  copy,
  cwd,
  folder,
  leftOut,
}: {
  readonly git: Git;
  readonly locks: PathLocks;
  readonly copy: Copy;
  readonly cwd: string;
  readonly folder: string;
  readonly leftOut: readonly string[];
}): IsolatedWorkspace {
  const { store } = copy;
  const place: LandingPlace = { git, store, cwd, journal: join(folder, 'landing.json') };
  const recordOf = (patchId: string) => join(folder, 'patches', `${patchId}.json`);
  const readRecord = async (patchId: string): Promise<AppliedRecord> =>
    JSON.parse(await readFile(recordOf(patchId), 'utf8'));
  const serial = createSerial();
  /** The differences that were asked for last: most of the time nothing has changed since. */
  let diffed: { readonly from: string; readonly to: string; readonly changes: readonly TreeChange[] } | undefined;

  async function pending(applied: readonly string[]): Promise<PendingChange | undefined> {
    const last = applied.at(-1);
    const from = await baseOf(last);
    const to = await copy.snapshot();
    if (from === to) return undefined;
    if (diffed?.from !== from || diffed.to !== to)
      diffed = { from, to, changes: await diffTrees(git, store, from, to) };
    const { changes } = diffed;
    const patchId = contentId([last ?? '', from, to].join(' '));
    return { patchId, applied, from, to, changes, files: changes.map(({ file }) => file) };
  }

  /** What the next patch is the difference from. */
  async function baseOf(last: string | undefined): Promise<string> {
    return last === undefined ? copy.base : (await readRecord(last)).tree;
  }

  async function describe({ from, to, changes }: PendingChange, maxBytes: number): Promise<DescribedChange> {
    const diff = await writeDiff(git, store, { from, to, changes }, maxBytes);
    return { ...diff, conflicts: (await planFor(changes)).problems };
  }

  async function planFor(changes: readonly TreeChange[]): Promise<LandingPlan> {
    const gone = await missing();
    if (gone.length > 0) return { steps: [], folders: [], problems: gone };
    const unnamed = changes.filter(({ path }) => !isText(path));
    if (unnamed.length > 0) {
      const problems = unnamed.map(({ file }) => ({ path: file.path, reason: 'has a name that is not UTF-8' }));
      return { steps: [], folders: [], problems };
    }
    return planLanding(place, changes.map(wantedOf));
  }

  /** The problem that the directory is missing or has been replaced by a link. It is checked at each use. */
  async function missing(): Promise<FileProblem[]> {
    const now = await realpath(cwd).catch(() => undefined);
    return now === cwd ? [] : [{ path: '.', reason: 'the working directory is not there any more' }];
  }

  async function perform(
    plan: LandingPlan,
    about: LandingId,
    { kept, change, commit }: { kept: readonly FolderFact[]; change?: PendingChange; commit: () => Promise<void> },
  ): Promise<readonly FileProblem[]> {
    if (plan.problems.length > 0) return plan.problems;
    try {
      await land(place, plan, {
        about,
        kept,
        async settle({ steps, folders }) {
          if (change !== undefined) {
            const record: AppliedRecord = { tree: change.to, files: change.files, steps, folders };
            await mkdir(join(folder, 'patches'), { recursive: true });
            await writeWhole(recordOf(about.patchId), JSON.stringify(record));
          }
          await commit();
        },
      });
      return [];
    } catch (error) {
      if (error instanceof LandingDisturbed && !(error instanceof LandingLeft)) return error.problems;
      throw error;
    }
  }

  async function recover(applied: readonly string[]): Promise<readonly FileProblem[]> {
    const journal = await readLanding<LandingId>(place);
    if (journal === undefined) return [];
    const { kind, patchId } = journal.about;
    const isApplied = applied.includes(patchId);
    // If `cwd` has become a link, its target was never changed by a landing.
    const gone = await missing();
    // Without this: takes a landing back wherever a link leads by now
    if (gone.length > 0) return gone;
    // Without this: forgets after a crash what it was landing
    if (isApplied !== (kind === 'apply')) return undoLanding(place, journal);
    await endLanding(place, journal);
    return [];
  }

  return {
    folder: copy.folder,
    top: copy.top,
    leftOut,
    pending: (applied) => serial.run(() => pending(applied)),
    describe: (change, maxBytes) => serial.run(() => describe(change, maxBytes)),
    recover: (applied) => serial.run(() => locks.locked(cwd, () => recover(applied))),
    fork: (applied, target) =>
      serial.run(() => locks.locked(cwd, async () => copy.fork(await baseOf(applied.at(-1)), cwd, target))),
    remove: () => serial.run(() => locks.locked(cwd, () => removeFolder(folder))),

    apply: (change, commit) =>
      serial.run(() =>
        locks.locked(cwd, async () => {
          const left = await recover(change.applied);
          if (left.length > 0) return left;
          const about: LandingId = { kind: 'apply', patchId: change.patchId };
          return perform(await planFor(change.changes), about, { kept: [], change, commit });
        }),
      ),

    revert: (applied, commit) =>
      serial.run(() =>
        locks.locked(cwd, async () => {
          const left = await recover(applied);
          if (left.length > 0) return left;
          const patchId = applied.at(-1) ?? '';
          const gone = await missing();
          if (gone.length > 0) return gone;
          const record = await readRecord(patchId);
          const plan = await planLanding(place, reversed(record));
          return perform(
            plan,
            { kind: 'revert', patchId },
            { kept: record.folders, commit: () => commit(record.files) },
          );
        }),
      ),
  };
}

function wantedOf({ path, oldPath, before, after }: TreeChange): Wanted {
  return {
    path: bytesOf(path).toString(),
    ...(oldPath === undefined ? {} : { oldPath: bytesOf(oldPath).toString() }),
    before,
    after,
  };
}

function isText(path: string): boolean {
  const bytes = bytesOf(path);
  return Buffer.from(bytes.toString()).equals(bytes);
}
