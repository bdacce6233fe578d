import { join } from 'node:path';
import type { GitCall } from './git.js';

/** A folder whose files are recorded in a repository of the server. The index knows which files have been read. */
export interface Recorded {
  readonly gitDir: string;
  readonly index: string;
  readonly workTree: string;
  /** The path of the folder within the work tree, with a `/` at the end; empty for the work tree itself. */
  readonly prefix: string;
}

/** A file of a tree. */
export interface TreeEntry {
  readonly mode: '100644' | '100755' | '120000';
  readonly oid: string;
}

/** Whether two entries are equal in a tree: mode and content. */
export function isSame(one: TreeEntry | null, other: TreeEntry | null): boolean {
  return one?.mode === other?.mode && one?.oid === other?.oid;
}

/** The options for git commands on a recorded folder. Paths are relative to it. */
export function placeOf({ gitDir, index, workTree, prefix }: Recorded): GitCall {
  return { cwd: join(workTree, prefix), gitDir, workTree, index };
}
