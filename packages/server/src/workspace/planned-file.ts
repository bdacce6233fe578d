import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { ProposedEdit } from '@parleyhq/agents';
import { isMissingPath } from '../files/is-missing.js';
import { isInside } from './roots.js';

/** A part of a file, and what the agent wants in its place. */
export interface Snippet {
  readonly oldText: string | null;
  readonly newText: string;
}

/** The largest file that is compared with what an agent wants, or has written, in bytes. */
export const MAX_COMPARED = 16_777_216;
/** The largest file of which the old bytes are kept when a patch changes it. */
const MAX_KEPT = 268_435_456;
/** The number of links that operating systems follow before they report a loop. */
const MAX_LINKS = 40;
const MAX_REASON = 1_024;
export const NOTHING = Buffer.alloc(0);

/** The current content of a file, and the content that the agent wants. */
export interface PlannedFile {
  /** Relative to the working directory, with `/`. Links in its folders are resolved; the file itself may be a link. */
  readonly path: string;
  /** The absolute path with all links resolved. */
  readonly absolute: string;
  /** The current bytes; null if there is no file, or if it is too large. */
  readonly before: Buffer | null;
  readonly after: Buffer;
  /** Whether there is a file now. */
  readonly exists: boolean;
  /** Whether the file, or what the agent wants to write into it, is too large. Then no bytes are here. */
  readonly tooLarge: boolean;
  /** Whether every edit could be located, in a file that is UTF-8. If not located, `snippets` has the others. */
  readonly exact: boolean;
  /** How lines are compared: as texts, or byte for byte (`latin1`). @default utf8 */
  readonly encoding?: 'latin1';
  /** Edits that could not be located. */
  readonly snippets: readonly Snippet[];
  /** Why this file must not be written; undefined if it may be. */
  readonly problem: string | undefined;
}

/**
 * What proposed edits would do to the files of a directory: a function for each file, in the order of the edits, that reads it
 * and computes its new content. Whoever calls them one after another has one file in memory at a time.
 *
 * @param dataDir the server's data directory, resolved. Its files are not read, even if it is inside the directory.
 */
export function planFiles(
  cwd: string,
  edits: readonly ProposedEdit[],
  dataDir?: string,
): (() => Promise<PlannedFile>)[] {
  const byPath = new Map<string, ProposedEdit[]>();
  for (const edit of edits) {
    const absolute = resolve(cwd, edit.path);
    const others = byPath.get(absolute);
    if (others === undefined) byPath.set(absolute, [edit]);
    else others.push(edit);
  }
  return [...byPath].map(
    ([absolute, of]) =>
      () =>
        planFile({ cwd, dataDir }, absolute, of),
  );
}

async function planFile(
  { cwd, dataDir }: { readonly cwd: string; readonly dataDir: string | undefined },
  named: string,
  edits: readonly ProposedEdit[],
): Promise<PlannedFile> {
  const absolute = await followLinks(named);
  const path = relative(cwd, join(await followLinks(dirname(named)), basename(named)))
    .split(sep)
    .join('/');
  let before: Buffer | TooLarge | null = null;
  // Without this: writes outside of the working directory
  let problem = isInside(cwd, absolute) ? undefined : 'lies outside the working directory';
  if (dataDir !== undefined && isInside(dataDir, absolute)) problem = "lies in the server's data directory";
  try {
    if (problem === undefined) before = await readFileIfAny(absolute, MAX_COMPARED);
  } catch (error) {
    problem = `cannot be read: ${error instanceof Error ? error.message : error}`.slice(0, MAX_REASON);
  }
  const exists = before !== null;
  const tooLarge = { path, absolute, before: null, after: NOTHING, exists, tooLarge: true, exact: false, snippets: [] };
  if (before instanceof TooLarge) {
    // Without this: reads a file of any size into memory to keep it
    if (before.size > MAX_KEPT) problem = `has more than ${MAX_KEPT} bytes, which would have to be kept`;
    return { ...tooLarge, problem };
  }
  let text = before?.toString('utf8') ?? '';
  const snippets: Snippet[] = [];
  for (const { oldText, newText } of edits) {
    if (newText === null) return { ...tooLarge, problem };
    const next = applied(text, { oldText, newText });
    if (next === undefined) snippets.push({ oldText, newText });
    else text = next;
  }
  if (text.length > MAX_COMPARED) return { ...tooLarge, problem };
  // An agent that reads a file as text, which is no UTF-8, changes more of its bytes than it says.
  // Without this: calls a diff all that would change where every odd byte does
  const exact = snippets.length === 0 && (before === null || isUtf8(before));
  return { path, absolute, before, after: Buffer.from(text), exists, tooLarge: false, exact, snippets, problem };
}

/** The text after an edit. Without an old text, or if that is the whole file, the edit replaces the whole file. */
function applied(text: string, { oldText, newText }: Snippet): string | undefined {
  if (oldText === null || oldText === text) return newText;
  const at = oldText === '' ? -1 : text.indexOf(oldText);
  if (at < 0 || text.indexOf(oldText, at + 1) >= 0) return undefined;
  return text.slice(0, at) + newText + text.slice(at + oldText.length);
}

/** Resolves the links of a path. The last parts of the path, and the target of a link, need not exist. */
export async function followLinks(path: string, most = MAX_LINKS): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  const parent = dirname(path);
  if (real !== undefined || parent === path) return real ?? path;
  const folder = await followLinks(parent, most);
  const target = await readlink(join(folder, basename(path))).catch(() => undefined);
  if (target === undefined || most === 0) return join(folder, basename(path));
  return followLinks(resolve(folder, target), most - 1);
}

/** A file that is larger than the caller reads. */
export class TooLarge {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }
}

/**
 * Reads a file at a resolved path; null if there is none. A link that was put into the path since is not followed: anyone who
 * can write there, for example an agent in a sandbox, must not make the server read other files.
 *
 * @param most if the file has more bytes, it is not read
 * @throws Error if it is not a file (reading a pipe might never end), or if the path leads through a link.
 */
export async function readFileIfAny(path: string): Promise<Buffer | null>;
export async function readFileIfAny(path: string, most: number): Promise<Buffer | TooLarge | null>;
export async function readFileIfAny(path: string, most?: number): Promise<Buffer | TooLarge | null> {
  return withFile(path, async (file, { size }) =>
    most !== undefined && size > most ? new TooLarge(size) : file.readFile(),
  );
}

/** The SHA-256 of a file's bytes, read in pieces; null if there is none. Links are treated as by `readFileIfAny`. */
export async function hashFileIfAny(path: string): Promise<string | null> {
  return withFile(path, async (file) => {
    const hash = createHash('sha256');
    for await (const piece of file.createReadStream({ autoClose: false })) hash.update(piece);
    return hash.digest('hex');
  });
}

async function withFile<T>(path: string, use: (file: FileHandle, stats: Stats) => Promise<T>): Promise<T | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissingPath(error)) return null;
    throw error;
  }
  try {
    const opened = await file.stat();
    if (!opened.isFile()) throw new Error(`${path} is not a file`);
    const [real, there] = await Promise.all([realpath(path), lstat(path)]);
    if (real !== path || there.ino !== opened.ino || there.dev !== opened.dev) {
      throw new Error(`${path} is behind a link by now`);
    }
    return await use(file, opened);
  } finally {
    await file.close();
  }
}
