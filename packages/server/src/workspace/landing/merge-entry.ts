import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inItsFolder } from '../../files/without-links.js';
import { type Git, GitError } from '../git/git.js';
import { isSame, type TreeEntry } from '../git/recorded.js';
import { type DiskEntry, READ_FILE } from './on-disk.js';

/** A file or link to be written. Without `bits` and `owner`, it gets those of the old file, or those of any new file. */
export interface PlacedEntry extends TreeEntry {
  readonly bits?: number | undefined;
  readonly owner?: readonly [number, number] | undefined;
}

/** The result of merging a file that two sides have changed, or the conflict. */
export type Merged =
  | { readonly result: PlacedEntry | null; readonly conflict?: undefined }
  | { readonly conflict: string };

/**
 * Merges the change from `base` to `theirs` into the file on the disk, `ours`. If `ours` is neither of the two, its content is
 * kept in the store.
 *
 * @param path the absolute path of the file on the disk
 */
export async function mergeEntry(
  { git, store }: { readonly git: Git; readonly store: string },
  path: string,
  { base, ours, theirs }: { base: TreeEntry | null; ours: DiskEntry | null; theirs: PlacedEntry | null },
): Promise<Merged> {
  if (isSame(ours, theirs)) return { result: ours };
  if (isSame(ours, base)) return { result: theirs };
  if (ours === null) return { conflict: 'has been deleted meanwhile' };
  if (base === null) return { conflict: 'is there already, with other content' };
  if (theirs === null) return { conflict: 'has changed meanwhile, and the patch deletes it' };
  if (new Set([base, ours, theirs].map(({ mode }) => mode === '120000')).size > 1 || ours.mode === '120000') {
    return { conflict: 'has changed meanwhile, and a link cannot be merged' };
  }
  await keep(git, store, path, ours);
  const mode = ours.mode === base.mode ? theirs.mode : ours.mode;
  if (theirs.oid === base.oid || theirs.oid === ours.oid) return { result: { mode, oid: ours.oid } };
  if (ours.oid === base.oid) return { result: { mode, oid: theirs.oid } };
  const oid = await mergeTexts(git, store, [ours.oid, base.oid, theirs.oid]);
  return oid === undefined ? { conflict: 'has changed meanwhile in the same place' } : { result: { mode, oid } };
}

/** Keeps the content of the file on the disk in the store, so that it can be restored. */
async function keep(git: Git, store: string, path: string, { oid }: TreeEntry): Promise<void> {
  const input = await inItsFolder(path, (file) => readFile(file, { flag: READ_FILE }));
  const kept = await git.line(['hash-object', '-w', '--stdin'], { cwd: store, gitDir: store, input });
  if (kept !== oid) throw new Error('is being changed right now');
}

/** Merges three texts; undefined if there are conflicts. */
async function mergeTexts(git: Git, store: string, oids: readonly string[]): Promise<string | undefined> {
  const place = { cwd: store, gitDir: store };
  const folder = await mkdtemp(join(store, 'merge-'));
  try {
    for (const [at, oid] of oids.entries()) {
      const { stdout } = await git.run(['cat-file', 'blob', oid], place);
      await writeFile(join(folder, String(at)), stdout);
    }
    const names = oids.map((_, at) => join(folder, String(at)));
    const { stdout } = await git.run(['merge-file', '-p', '-q', ...names], place);
    return await git.line(['hash-object', '-w', '--stdin'], { ...place, input: stdout });
  } catch (error) {
    // The exit code is the number of conflicts; 255 means that a file is not text.
    if (error instanceof GitError && error.code !== null) return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
