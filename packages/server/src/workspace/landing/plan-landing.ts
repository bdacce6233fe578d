import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import type { Git } from '../git/git.js';
import type { TreeEntry } from '../git/write-tree.js';
import { isSame, mergeEntry, type PlacedEntry } from './merge-entry.js';
import { bitsWithMode, type DiskEntry, foldersOf, lstatIfAny, obstacleOf, problemOfPath, readDisk } from './on-disk.js';

/** A change of one file that is wanted in a directory: from `before`, which may not be what is there by now. */
export interface Wanted {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  /** Where a renamed file was before. */
  readonly oldPath?: string | undefined;
  readonly before: TreeEntry | null;
  readonly after: PlacedEntry | null;
}

/** One file that is to be written or, with `after` null, removed. */
export interface Step {
  readonly path: string;
  readonly before: DiskEntry | null;
  readonly after: PlacedEntry | null;
}

/** A folder that may be made or removed on the way. */
export interface FolderFact {
  readonly path: string;
  /** Permission bits from before; null: there was none. */
  readonly bits: number | null;
}

/** What is to be done, or every file that stands in the way. */
export interface LandingPlan {
  readonly steps: readonly Step[];
  /** Folders as they are before; those that are in the list and empty in the end are removed. */
  readonly folders: readonly FolderFact[];
  readonly problems: readonly FileProblem[];
}

/** Works out how wanted changes come into a directory as it is now, three-way. Changes nothing. */
export async function planLanding(
  place: { readonly git: Git; readonly store: string; readonly cwd: string },
  wanted: readonly Wanted[],
): Promise<LandingPlan> {
  const { cwd } = place;
  const steps = new Map<string, Step>();
  const problems: FileProblem[] = [];
  const object = (path: string, reason: string) => void problems.push({ path, reason });

  async function read(path: string): Promise<DiskEntry | null> {
    // What lies behind a link is another file.
    return (await obstacleOf(cwd, path)) === undefined ? readDisk(join(cwd, path)) : null;
  }

  async function plan({ path, oldPath, before, after }: Wanted): Promise<void> {
    const from = oldPath ?? path;
    const unsafe = [path, from].find((name) => problemOfPath(name) !== undefined);
    if (unsafe !== undefined) return object(unsafe, problemOfPath(unsafe) ?? '');
    const ours = await read(from);
    const there = oldPath === undefined ? ours : await read(path);
    if (oldPath !== undefined && ours === null && isSame(there, after)) return;
    const merged = await mergeEntry(place, join(cwd, from), { base: before, ours, theirs: after });
    if (merged.conflict !== undefined) return object(from, merged.conflict);
    // A renamed file stays who it was.
    const result = oldPath === undefined ? merged.result : likeBefore(merged.result, ours);
    if (oldPath !== undefined) {
      if (there !== null && !isSame(there, result)) return object(path, 'is there already, with other content');
      steps.set(oldPath, { path: oldPath, before: ours, after: null });
    }
    if (!isSame(there, result)) steps.set(path, { path, before: there, after: result });
  }

  for (const change of wanted) {
    try {
      await plan(change);
    } catch (error) {
      object(change.path, error instanceof Error ? error.message : String(error));
    }
  }
  for (const step of steps.values()) {
    const obstacle = await obstacleIn(cwd, step, steps);
    if (obstacle !== undefined) object(step.path, obstacle);
  }
  return { steps: [...steps.values()], folders: await readFolders(cwd, steps), problems };
}

function likeBefore(entry: PlacedEntry | null, before: DiskEntry | null): PlacedEntry | null {
  if (entry === null || before === null) return entry;
  const isLink = [entry, before].some(({ mode }) => mode === '120000');
  return { ...entry, owner: before.owner, bits: isLink ? undefined : bitsWithMode(before, entry.mode) };
}

/** What is in the way of a file that would be written, where no other step takes it away. */
async function obstacleIn(
  cwd: string,
  { path, after }: Step,
  steps: ReadonlyMap<string, Step>,
): Promise<string | undefined> {
  if (after === null) return undefined;
  const isRemoved = (name: string) => steps.get(name)?.after === null;
  const above = await obstacleOf(cwd, path);
  if (above !== undefined) return isRemoved(above) ? undefined : `${above} is a file or a link by now, and no folder`;
  if (!(await lstatIfAny(join(cwd, path)))?.isDirectory()) return undefined;
  const emptied = new Set([...steps.values()].flatMap((step) => (step.after === null ? foldersOf(step.path) : [])));
  const inside = await readdir(join(cwd, path), { recursive: true, withFileTypes: true });
  const left = inside.some((entry) => {
    const name = join(entry.parentPath, entry.name).slice(cwd.length + 1);
    return entry.isDirectory() ? !emptied.has(name) : !isRemoved(name);
  });
  return left ? 'is a folder by now, with other files in it' : undefined;
}

/** Folders that the steps may make, empty, or take the place of. */
async function readFolders(cwd: string, steps: ReadonlyMap<string, Step>): Promise<FolderFact[]> {
  const above = new Set([...steps.keys()].flatMap(foldersOf));
  const facts: FolderFact[] = [];
  for (const path of new Set([...above, ...steps.keys()])) {
    const stat = (await obstacleOf(cwd, path)) === undefined ? await lstatIfAny(join(cwd, path)) : undefined;
    if (stat?.isDirectory()) facts.push({ path, bits: stat.mode & 0o7777 });
    else if (above.has(path)) facts.push({ path, bits: null });
  }
  return facts;
}
