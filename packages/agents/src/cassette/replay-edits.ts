import { lstat, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';

import { type Raw, readObject, readObjects, readText } from '../map/read.js';

/** Repeats the file changes of the recorded agent: the diffs of its completed tool calls. */
export interface EditReplay {
  /** Receives a tool call or an update of one. Resolves when its files are written, with a text for each that could not be. */
  follow(toolCall: unknown): Promise<string[]>;
}

const MAX_DIFFS = 1_000;

/**
 * Creates a replay of edits in a folder. A diff without old text replaces the whole file. The old text of any other diff
 * must stand exactly once in the file. Nothing outside of the folder is written, not even through links.
 */
export function createEditReplay(cwd: string): EditReplay {
  const diffsOf = new Map<string, Raw[]>();
  return {
    async follow(toolCall) {
      const call = readObject(toolCall);
      const id = readText(call?.toolCallId);
      if (!call || id === undefined) return [];
      const diffs = readObjects(call.content, MAX_DIFFS).filter(({ type }) => type === 'diff');
      if (diffs.length > 0) diffsOf.set(id, diffs);
      if (call.status === 'failed') diffsOf.delete(id);
      if (call.status !== 'completed') return [];
      const problems: string[] = [];
      for (const diff of diffsOf.get(id) ?? []) problems.push(...(await apply(cwd, diff)));
      diffsOf.delete(id);
      return problems;
    },
  };
}

async function apply(cwd: string, diff: Raw): Promise<string[]> {
  const path = resolve(cwd, readText(diff.path) ?? '');
  const failed = (why: string) => [`${path} was not written: ${why}`];
  try {
    if (!(await isInside(cwd, path))) return failed('it lies outside of the working directory');
    if (readObject(diff._meta)?.kind === 'delete') {
      await rm(path, { force: true });
      return [];
    }
    const content = change(await read(path), readText(diff.oldText) ?? null, readText(diff.newText) ?? '');
    if (content === undefined) return failed('it does not contain the old text of the recorded edit exactly once');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return [];
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** The new content of a file, or `undefined` where the edit does not fit it. */
function change(content: string | undefined, oldText: string | null, newText: string): string | undefined {
  if (oldText === null || content === oldText || content === newText) return newText;
  if (content === undefined || oldText === '') return content === undefined && oldText === '' ? newText : undefined;
  const at = content.indexOf(oldText);
  if (at === -1 || content.indexOf(oldText, at + 1) !== -1) return undefined;
  return content.slice(0, at) + newText + content.slice(at + oldText.length);
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // a new file
    throw error;
  }
}

/** Whether a path lies below a folder once its links are followed. The end of the path need not exist. */
async function isInside(folder: string, path: string): Promise<boolean> {
  const root = await realpath(folder);
  for (let there = path; ; there = dirname(there)) {
    const real = await realpath(there).catch(() => undefined); // missing: try its parent
    if (real !== undefined) return path !== folder && (real === root || real.startsWith(root + sep));
    const dangling = await lstat(there).then(
      () => true,
      () => false,
    );
    if (dangling || there === dirname(there)) return false; // a write would follow a dangling link
  }
}
