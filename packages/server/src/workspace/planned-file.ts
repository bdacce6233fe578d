import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { ProposedEdit } from '@parleyhq/agents';
import { isInside } from './roots.js';

/** A file as it is and as the agent wants it to be. */
export interface PlannedFile {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
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

/** What edits that agents propose would make of the files in a directory: one entry a file, in the edits' order. */
export async function planFiles(cwd: string, edits: readonly ProposedEdit[]): Promise<PlannedFile[]> {
  const byPath = new Map<string, ProposedEdit[]>();
  for (const edit of edits) {
    const absolute = resolve(cwd, edit.path);
    byPath.set(absolute, [...(byPath.get(absolute) ?? []), edit]);
  }
  return Promise.all([...byPath].map(([absolute, of]) => planFile(cwd, absolute, of)));
}

async function planFile(cwd: string, named: string, edits: readonly ProposedEdit[]): Promise<PlannedFile> {
  const absolute = await resolveParents(named);
  const path = relative(cwd, absolute).split(sep).join('/');
  const target = await realpath(absolute).catch(() => absolute);
  const problem = isInside(cwd, target) ? undefined : 'lies outside the working directory';
  const before = problem === undefined ? await readFileIfAny(absolute) : null;
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

/** Follows the links of the folders above a path, of which the last ones need not exist yet. */
async function resolveParents(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  const real = await realpath(parent).catch(() => undefined);
  return join(real ?? (await resolveParents(parent)), basename(path));
}

/** The bytes of a file, or null where there is none. */
export async function readFileIfAny(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}
