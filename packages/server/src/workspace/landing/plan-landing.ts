import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import { inItsFolder } from '../../files/without-links.js';
import type { Git } from '../git/git.js';
import type { TreeEntry } from '../git/recorded.js';
import { isSame } from '../git/recorded.js';
import { mergeEntry, type PlacedEntry } from './merge-entry.js';
import { bitsWithMode, type DiskEntry, foldersOf, lstatIfAny, obstacleOf, problemOfPath, readDisk } from './on-disk.js';

/** A change of one file to be made in a directory. The file may differ from `before` by now. */
export interface Wanted {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  /** The old path of a renamed file. */
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

/** A folder that a landing may create or remove. */
export interface FolderFact {
  readonly path: string;
  /** The permission bits before; null if the folder did not exist. */
  readonly bits: number | null;
}

/** The steps of a landing, and the files that prevent it, if any. */
export interface LandingPlan {
  readonly steps: readonly Step[];
  /** The folders before the landing. Those that are empty after it are removed. */
  readonly folders: readonly FolderFact[];
  readonly problems: readonly FileProblem[];
}

/** Plans how changes are made in the current directory, with a three-way merge. It does not change any file of the directory. */
export async function planLanding(
  place: { readonly git: Git; readonly store: string; readonly cwd: string },
  wanted: readonly Wanted[],
): Promise<LandingPlan> {
  const { cwd } = place;
  const steps = new Map<string, Step>();
  const problems: FileProblem[] = [];
  const addProblem = (path: string, reason: string) => void problems.push({ path, reason });

  async function read(path: string): Promise<DiskEntry | null> {
    // A file behind a link is a different file.
    return (await obstacleOf(cwd, path)) === undefined
      ? ((await inItsFolder(join(cwd, path), readDisk)) ?? null)
      : null;
  }

  async function plan({ path, oldPath, before, after }: Wanted): Promise<void> {
    const from = oldPath ?? path;
    const unsafe = [path, from].find((name) => problemOfPath(name) !== undefined);
    if (unsafe !== undefined) return addProblem(unsafe, problemOfPath(unsafe) ?? '');
    const ours = await read(from);
    const there = oldPath === undefined ? ours : await read(path);
    if (oldPath !== undefined && ours === null && isSame(there, after)) return;
    const merged = await mergeEntry(place, join(cwd, from), { base: before, ours, theirs: after });
    if (merged.conflict !== undefined) return addProblem(from, merged.conflict);
    // A renamed file keeps its owner and permissions.
    const result = oldPath === undefined ? merged.result : likeBefore(merged.result, ours);
    if (oldPath !== undefined) {
      if (there !== null && !isSame(there, result)) return addProblem(path, 'is there already, with other content');
      steps.set(oldPath, { path: oldPath, before: ours, after: null });
    }
    if (!isSame(there, result)) steps.set(path, { path, before: there, after: result });
  }

  for (const change of wanted) {
    try {
      await plan(change);
    } catch (error) {
      addProblem(change.path, error instanceof Error ? error.message : String(error));
    }
  }
  for (const step of steps.values()) {
    const obstacle = await obstacleIn(cwd, step, steps);
    if (obstacle !== undefined) addProblem(step.path, obstacle);
  }
  return { steps: [...steps.values()], folders: await readFolders(cwd, steps), problems };
}

function likeBefore(entry: PlacedEntry | null, before: DiskEntry | null): PlacedEntry | null {
  if (entry === null || before === null) return entry;
  const isLink = [entry, before].some(({ mode }) => mode === '120000');
  return { ...entry, owner: before.owner, bits: isLink ? undefined : bitsWithMode(before, entry.mode) };
}

/** Why a file cannot be written: something is in its place that no other step removes. Undefined if it can. */
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

/** The folders that the steps may create, empty or replace. */
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
