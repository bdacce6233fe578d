import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem, Patch, PatchFile } from '@parleyhq/contract';
import { removeFolder } from '../files/remove-folder.js';
import { writeWhole } from '../files/write-whole.js';
import { contentId } from './content-id.js';
import type { Copy } from './copy/copy.js';
import { bytesOf } from './copy/source-files.js';
import type { Git } from './git/git.js';
import { diffTrees, type TreeChange, writeDiff } from './git/tree-diff.js';
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

/** What an agent has changed in its copy and nobody has applied: an immutable content with its id. */
export interface PendingChange {
  readonly patchId: string;
  /** The patches that had been applied before it. */
  readonly applied: readonly string[];
  /** The trees that it leads from and to. */
  readonly from: string;
  readonly to: string;
  readonly files: readonly PatchFile[];
  readonly changes: readonly TreeChange[];
}

/**
 * An agent's copy of a directory, and the way from there into the directory itself. Which patches have been applied is
 * the log's matter: commands take their ids, the last one last. One command at a time.
 */
export interface IsolatedWorkspace {
  /** Where the agent works. */
  readonly folder: string;
  /** All that it may write: `folder`, or what that is a folder of. */
  readonly top: string;
  /** The difference of the copy as it is now to what it was made from, or to the patch that was applied last. */
  pending(applied: readonly string[]): Promise<PendingChange | undefined>;
  /** A change as the wire shows it, with what stands in its way as the directory is now. */
  describe(change: PendingChange): Promise<Patch>;
  /**
   * Lands a change in the directory, whole or not at all. `commit` makes the log say so; where that fails, nothing has
   * changed.
   *
   * @returns what stood in the way; then nothing has changed
   * @throws LandingLeft if it failed and files could not be put back; that is tried again by the next command
   */
  apply(change: PendingChange, commit: () => Promise<void>): Promise<readonly FileProblem[]>;
  /** Takes the patch that was applied last out of the directory, in the same way; `commit` is told its files. */
  revert(
    applied: readonly string[],
    commit: (files: readonly PatchFile[]) => Promise<void>,
  ): Promise<readonly FileProblem[]>;
  /**
   * After a crash: what was being landed and is not in the log is taken back. Gives the files that resist; where the
   * directory itself is not there, it can be tried again.
   */
  recover(applied: readonly string[]): Promise<readonly FileProblem[]>;
  /** Removes the copy and everything that is kept for it. */
  remove(): Promise<void>;
}

/** What is kept of a patch that has been applied. */
interface AppliedRecord extends Landed {
  /** The copy's tree then: the base from then on. */
  readonly tree: string;
  readonly files: readonly PatchFile[];
}

interface About {
  readonly kind: 'apply' | 'revert';
  readonly patchId: string;
}

/** Opens the workspace of a copy; `folder` is the server's own, with everything that belongs to it. */
export function createIsolatedWorkspace({
  git,
  locks,
  copy,
  cwd,
  folder,
}: {
  readonly git: Git;
  readonly locks: PathLocks;
  readonly copy: Copy;
  readonly cwd: string;
  readonly folder: string;
}): IsolatedWorkspace {
  const { store } = copy;
  const place: LandingPlace = { git, store, cwd, journal: join(folder, 'landing.json') };
  const recordOf = (patchId: string) => join(folder, 'patches', `${patchId}.json`);
  const readRecord = async (patchId: string): Promise<AppliedRecord> =>
    JSON.parse(await readFile(recordOf(patchId), 'utf8'));
  let before: Promise<unknown> = Promise.resolve();

  function serial<T>(command: () => Promise<T>): Promise<T> {
    const mine = before.then(command, command);
    before = mine;
    return mine;
  }

  async function pending(applied: readonly string[]): Promise<PendingChange | undefined> {
    const last = applied.at(-1);
    const from = last === undefined ? copy.base : (await readRecord(last)).tree;
    const to = await copy.snapshot();
    if (from === to) return undefined;
    const changes = await diffTrees(git, store, from, to);
    const patchId = contentId([last ?? '', from, to].join(' '));
    return { patchId, applied, from, to, changes, files: changes.map(({ file }) => file) };
  }

  async function describe({ patchId, from, to, files, changes }: PendingChange): Promise<Patch> {
    const { diff, whole } = await writeDiff(git, store, { from, to, changes });
    const { problems } = await planFor(changes);
    const conflicts = [...problems];
    const applicable = conflicts.length === 0;
    return { patch_id: patchId, files: [...files], diff, exact: whole, applicable, conflicts };
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

  /** The directory is resolved again at the time of use. */
  async function missing(): Promise<FileProblem[]> {
    const now = await realpath(cwd).catch(() => undefined);
    return now === cwd ? [] : [{ path: '.', reason: 'the working directory is not there any more' }];
  }

  async function perform(
    plan: LandingPlan,
    about: About,
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
    const journal = await readLanding<About>(place);
    if (journal === undefined) return [];
    const { kind, patchId } = journal.about;
    const isApplied = applied.includes(patchId);
    // What lies at the end of a link by now was never landed in.
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
    pending: (applied) => serial(() => pending(applied)),
    describe: (change) => serial(() => describe(change)),
    recover: (applied) => serial(() => locks.locked(cwd, () => recover(applied))),
    remove: () => serial(() => locks.locked(cwd, () => removeFolder(folder))),

    apply: (change, commit) =>
      serial(() =>
        locks.locked(cwd, async () => {
          const left = await recover(change.applied);
          if (left.length > 0) return left;
          const about: About = { kind: 'apply', patchId: change.patchId };
          return perform(await planFor(change.changes), about, { kept: [], change, commit });
        }),
      ),

    revert: (applied, commit) =>
      serial(() =>
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
