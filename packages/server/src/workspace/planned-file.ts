import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { ProposedEdit } from '@parleyhq/agents';
import { isInside } from './roots.js';

/** As many links as systems follow before they speak of a loop. */
const MAX_LINKS = 40;
const MAX_REASON = 1_024;

/** A file as it is and as the agent wants it to be. */
export interface PlannedFile {
  /** Relative to the working directory, with `/`; the links of its folders are followed, it may be one itself. */
  readonly path: string;
  /** Where its bytes are, every link followed. */
  readonly absolute: string;
  /** The bytes as they are; null: there is no file. */
  readonly before: Buffer | null;
  readonly after: Buffer;
  /** Whether every edit could be located; where not, `snippets` is all that is known. */
  readonly exact: boolean;
  /** Edits that could not be located. */
  readonly snippets: readonly ProposedEdit[];
  /** Why this file must not be written. */
  readonly problem: string | undefined;
}

/**
 * What edits that agents propose would make of the files in a directory: one entry a file, in the edits' order.
 *
 * @param dataDir the server's own folder, resolved: should it be in the directory, its files are not read
 */
export async function planFiles(cwd: string, edits: readonly ProposedEdit[], dataDir?: string): Promise<PlannedFile[]> {
  const byPath = new Map<string, ProposedEdit[]>();
  for (const edit of edits) {
    const absolute = resolve(cwd, edit.path);
    byPath.set(absolute, [...(byPath.get(absolute) ?? []), edit]);
  }
  return Promise.all([...byPath].map(([absolute, of]) => planFile({ cwd, dataDir }, absolute, of)));
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
  let before: Buffer | null = null;
  // Without this: writes outside of the working directory
  let problem = isInside(cwd, absolute) ? undefined : 'lies outside the working directory';
  if (dataDir !== undefined && isInside(dataDir, absolute)) problem = "lies in the server's data directory";
  try {
    if (problem === undefined) before = await readFileIfAny(absolute);
  } catch (error) {
    problem = `cannot be read: ${error instanceof Error ? error.message : error}`.slice(0, MAX_REASON);
  }
  let text = before?.toString('utf8') ?? '';
  const snippets: ProposedEdit[] = [];
  for (const edit of edits) {
    const next = applied(text, edit);
    if (next === undefined) snippets.push(edit);
    else text = next;
  }
  return { path, absolute, before, after: Buffer.from(text), exact: snippets.length === 0, snippets, problem };
}

/** An edit with no old text gives the whole file, as does one whose old text is the whole file. */
function applied(text: string, { oldText, newText }: ProposedEdit): string | undefined {
  if (oldText === null || oldText === text) return newText;
  const at = oldText === '' ? -1 : text.indexOf(oldText);
  if (at < 0 || text.indexOf(oldText, at + 1) >= 0) return undefined;
  return text.slice(0, at) + newText + text.slice(at + oldText.length);
}

/** Where a path leads, of which the last parts need not exist yet: a link to nothing counts as what it points at. */
export async function followLinks(path: string, most = MAX_LINKS): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  const parent = dirname(path);
  if (real !== undefined || parent === path) return real ?? path;
  const folder = await followLinks(parent, most);
  const target = await readlink(join(folder, basename(path))).catch(() => undefined);
  if (target === undefined || most === 0) return join(folder, basename(path));
  return followLinks(resolve(folder, target), most - 1);
}

/**
 * The bytes of a file at a resolved path, or null where there is none. A link that comes onto the way meanwhile is not
 * followed: whoever may write there, an agent in a sandbox say, must not make the server read for it.
 *
 * @throws Error for what is no file (reading a folder fails, and reading a pipe may never end), and behind a link.
 */
export async function readFileIfAny(path: string): Promise<Buffer | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
  try {
    const opened = await file.stat();
    if (!opened.isFile()) throw new Error(`${path} is no file`);
    const [real, there] = await Promise.all([realpath(path), lstat(path)]);
    if (real !== path || there.ino !== opened.ino || there.dev !== opened.dev) {
      throw new Error(`${path} is behind a link by now`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
