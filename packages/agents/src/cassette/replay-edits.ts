import { lstat, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';

import { type Raw, readObject, readObjects, readText } from '../map/read.js';

/** Writes what the recorded agent wrote: the diffs of the tool calls that it completed. */
export interface EditReplay {
  /** Takes a tool call or an update of one; resolves when its files are written, with what could not be. */
  follow(toolCall: unknown): Promise<string[]>;
}

const MAX_DIFFS = 1_000;

/**
 * Creates a replay of edits in a folder. A diff without old text is the whole file; another is looked for in the file,
 * where it must stand once. Nothing outside of the folder is written, wherever links lead.
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
    if (content === undefined) return failed('what the recorded edit replaces does not stand in it once');
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

/** Whether a path, its links followed as far as it is there, lies below a folder. */
async function isInside(folder: string, path: string): Promise<boolean> {
  const root = await realpath(folder);
  for (let there = path; ; there = dirname(there)) {
    const real = await realpath(there).catch(() => undefined); // not there: look further up
    if (real !== undefined) return path !== folder && (real === root || real.startsWith(root + sep));
    const dangling = await lstat(there).then(
      () => true,
      () => false,
    );
    if (dangling || there === dirname(there)) return false; // a link that leads to nothing would be followed
  }
}
