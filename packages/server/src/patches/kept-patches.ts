import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import { isMissing } from '../files/is-missing.js';
import { putFile, writeSynced } from '../files/put-file.js';
import { writeWhole } from '../files/write-whole.js';
import {
  followLinks,
  hashFileIfAny,
  MAX_COMPARED,
  NOTHING,
  type PlannedFile,
  readFileIfAny,
  TooLarge,
} from '../workspace/planned-file.js';
import { isInside } from '../workspace/roots.js';

/** One file of a kept patch: its place, its old mode, and the hashes of its content. */
interface KeptFile {
  readonly path: string;
  readonly absolute: string;
  /** The old permission bits; null if there was no file. */
  readonly mode: number | null;
  /** The hash of the bytes before the patch. */
  readonly before: string;
  /** The hash of the bytes after the patch, filled in once it has landed. */
  readonly after: string | null;
}

/** A file that a revert is about to change, by its index, and its permission bits before the revert. */
interface Intent {
  readonly index: number;
  readonly mode: number | null;
}

/** The bytes of a file and its permission bits; null if there is no file. */
type FileContent = { readonly bytes: Buffer; readonly mode: number } | null;

/** The hash of a file that could not be read. It never equals the hash of a content. */
const UNREADABLE = 'unreadable';
/** The hash of no file. */
const NO_FILE = 'none';

/** The old content of files that patches have changed. With it a patch can be reverted, also by a later process. */
export interface KeptPatches {
  /** Keeps the content of files that a patch is about to change. */
  keep(patchId: string, files: readonly Pick<PlannedFile, 'path' | 'absolute'>[]): Promise<void>;
  /**
   * Records the new content of the files that were written, so that a revert can tell whether they have changed since.
   *
   * @param intended SHA-256 of what was to be written, by path, where that is known
   * @param succeeded whether the agent has written all that it wanted. If not, a file that has changed may be half written,
   * unless it is as intended.
   * @returns the files that were not written, or not wholly
   */
  landed(patchId: string, intended: ReadonlyMap<string, string>, succeeded: boolean): Promise<readonly FileProblem[]>;
  /** What has become of a file of the patch, to be compared byte for byte with what it was. */
  change(patchId: string, path: string): Promise<PlannedFile>;
  /** Whether every file of the patch has the content that was intended. False if that of one is not known. */
  isWritten(patchId: string, intended: ReadonlyMap<string, string>): Promise<boolean>;
  /**
   * Restores every file, or changes nothing and returns the files that prevent it. `commit` writes the revert into the log; if
   * that fails, nothing is changed. Afterwards the kept content is deleted.
   */
  restore(patchId: string, commit: () => Promise<void>): Promise<readonly FileProblem[]>;
  /**
   * After a crash: undoes a revert that is not in the log, and deletes everything that does not belong to an applied patch.
   *
   * @returns the files that have changed since and were not touched
   */
  recover(applied: readonly string[]): Promise<readonly FileProblem[]>;
  /** Deletes everything that is kept. */
  clear(): Promise<void>;
}

/**
 * Keeps content in a folder of the server, with one folder for each patch: `files.json`, the old content of each file by
 * index, and during a revert `reverting.json` and the new content of the files. Only files inside of `cwd` are restored, even
 * if links have changed.
 */
export function createKeptPatches(folder: string, cwd: string): KeptPatches {
  const inPatch = (patchId: string, name: string | number) => join(folder, patchId, String(name));
  const temporaryOf = (patchId: string, index: number) => `.parley-${patchId}-${index}`;

  const readFiles = (patchId: string) => readJson<readonly KeptFile[]>(inPatch(patchId, 'files.json'));
  const writeFiles = (patchId: string, files: readonly KeptFile[]) =>
    writeWhole(inPatch(patchId, 'files.json'), JSON.stringify(files));

  async function readBefore(patchId: string, index: number, { mode }: KeptFile): Promise<FileContent> {
    return mode === null ? null : { bytes: await readFile(inPatch(patchId, index)), mode };
  }

  const put = ({ absolute }: KeptFile, patchId: string, index: number, content: FileContent) =>
    putFile(absolute, temporaryOf(patchId, index), content?.bytes ?? null, content?.mode ?? 0);

  // Without this: puts bytes back behind a link that came since
  const isInPlace = async ({ absolute }: KeptFile) =>
    isInside(cwd, absolute) && (await followLinks(absolute)) === absolute;

  /** The files that a revert has to change. Files with their old content have been restored already. */
  async function compare(patchId: string, files: readonly KeptFile[]) {
    const todo: number[] = [];
    const problems: FileProblem[] = [];
    for (const [index, file] of files.entries()) {
      if (file.after === null) continue;
      const now = await readNow(file);
      if (!(await isInPlace(file))) problems.push({ path: file.path, reason: 'is behind a link by now' });
      else if (now !== undefined && hash(now) === file.after) todo.push(index);
      else if (!isSame(now, await readBefore(patchId, index, file))) {
        problems.push({ path: file.path, reason: 'has changed since the patch was applied' });
      }
    }
    return { todo, problems };
  }

  /** Records what a revert is about to change, before the first file is touched. */
  async function recordIntent(patchId: string, files: readonly KeptFile[], todo: readonly number[]): Promise<void> {
    const intents: Intent[] = [];
    for (const index of todo) {
      const { absolute } = fileAt(files, index);
      const bytes = await readFileIfAny(absolute);
      const after = inPatch(patchId, `${index}.after`);
      await rm(after, { force: true });
      if (bytes !== null) await writeSynced(after, bytes, 0o600);
      intents.push({ index, mode: bytes === null ? null : (await lstat(absolute)).mode & 0o7777 });
    }
    await writeWhole(inPatch(patchId, 'reverting.json'), JSON.stringify(intents));
  }

  /** Undoes a revert, whether it was completed or not. Files that have been changed by others since are not touched. */
  async function undoRevert(patchId: string, files: readonly KeptFile[]): Promise<readonly FileProblem[]> {
    const problems: FileProblem[] = [];
    const intents = await readJson<readonly Intent[]>(inPatch(patchId, 'reverting.json')).catch(noneIfMissing);
    for (const { index, mode } of intents) {
      const file = fileAt(files, index);
      const now = await readNow(file);
      if (hash(now) === file.after) continue;
      const bytes = mode === null ? null : await readFile(inPatch(patchId, `${index}.after`));
      if (
        (await isInPlace(file)) &&
        hash(bytes) === file.after &&
        isSame(now, await readBefore(patchId, index, file))
      ) {
        const after = bytes === null || mode === null ? null : { bytes, mode };
        await put(file, patchId, index, after);
      } else problems.push({ path: file.path, reason: 'has changed since the patch was being reverted' });
    }
    await removeTemporaries(patchId, files);
    await rm(inPatch(patchId, 'reverting.json'), { force: true });
    return problems;
  }

  async function removeTemporaries(patchId: string, files: readonly KeptFile[]): Promise<void> {
    for (const [index, { absolute }] of files.entries()) {
      const left = join(dirname(absolute), temporaryOf(patchId, index));
      // If the path leads through a link now, there is no file of ours.
      await putFile(left, '', null, 0).catch(() => undefined);
    }
  }

  const forget = (patchId: string) => rm(join(folder, patchId), { recursive: true, force: true });

  return {
    async keep(patchId, planned) {
      await forget(patchId);
      await mkdir(join(folder, patchId), { recursive: true, mode: 0o700 });
      const files: KeptFile[] = [];
      for (const [index, { path, absolute }] of planned.entries()) {
        const before = await readFileIfAny(absolute);
        const mode = before === null ? null : (await lstat(absolute)).mode & 0o7777;
        if (before !== null) await writeSynced(inPatch(patchId, index), before, 0o600);
        files.push({ path, absolute, mode, before: hash(before), after: null });
      }
      await writeFiles(patchId, files);
    },

    async landed(patchId, intended, succeeded) {
      const files: KeptFile[] = [];
      const problems: FileProblem[] = [];
      for (const file of await readFiles(patchId)) {
        const { path } = file;
        const now = await hashNow(file);
        const isAsIntended = now === intended.get(path);
        const hasChanged = now !== file.before;
        const isWritten = isAsIntended || hasChanged;
        // Without this: says that files were written which were not
        if (!isWritten) problems.push({ path, reason: 'the agent was allowed to write it and did not' });
        // Without this: says that a file was written that is half written
        if (hasChanged && !isAsIntended && !succeeded) {
          problems.push({ path, reason: 'the agent failed while it wrote it' });
        }
        // Also what is half written can be put back.
        files.push(isWritten ? { ...file, after: now } : file);
      }
      await writeFiles(patchId, files);
      return problems;
    },

    async change(patchId, path) {
      const files = await readFiles(patchId);
      const index = files.findIndex((file) => file.path === path);
      const file = fileAt(files, index);
      const { absolute } = file;
      const before = (await readBefore(patchId, index, file))?.bytes ?? null;
      const now = await readFileIfAny(absolute, MAX_COMPARED);
      const tooLarge = now instanceof TooLarge || (before?.length ?? 0) > MAX_COMPARED;
      return {
        ...{ path, absolute, exists: before !== null, tooLarge, exact: false, snippets: [], problem: undefined },
        before: tooLarge ? null : before,
        after: now === null || tooLarge ? NOTHING : now,
        encoding: 'latin1',
      };
    },

    async isWritten(patchId, intended) {
      for (const file of await readFiles(patchId)) {
        if ((await hashNow(file)) !== intended.get(file.path)) return false;
      }
      return true;
    },

    async restore(patchId, commit) {
      const files = await readFiles(patchId);
      // An earlier revert may have failed without being undone, for example because the disk was full.
      await undoRevert(patchId, files);
      const { todo, problems } = await compare(patchId, files);
      // Without this: reverts over what the user has changed since
      if (problems.length > 0) return problems;
      await recordIntent(patchId, files, todo);
      try {
        for (const index of todo) {
          const file = fileAt(files, index);
          await put(file, patchId, index, await readBefore(patchId, index, file));
        }
        await commit();
      } catch (error) {
        // Without this: leaves a revert half done where it fails
        await undoRevert(patchId, files);
        throw error;
      }
      // The patch is reverted even if this fails. The next start deletes what is left.
      await forget(patchId).catch(() => undefined);
      return [];
    },

    async recover(applied) {
      const problems: FileProblem[] = [];
      for (const patchId of await readdir(folder).catch(noneIfMissing)) {
        const files = await readFiles(patchId).catch(noneIfMissing);
        if (applied.includes(patchId)) problems.push(...(await undoRevert(patchId, files)));
        else {
          await removeTemporaries(patchId, files);
          await forget(patchId);
        }
      }
      return problems;
    },

    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8'));
}

function noneIfMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}

function fileAt(files: readonly KeptFile[], index: number): KeptFile {
  const file = files[index];
  if (file === undefined) throw new Error(`the patch has no file ${index}`);
  return file;
}

/** The content of a file now: null if there is no file, undefined if it cannot be read. */
function readNow({ absolute }: KeptFile): Promise<Buffer | null | undefined> {
  return readFileIfAny(absolute).catch(() => undefined);
}

/** The hash of a file's content now. It is read in pieces: an agent may have written any number of bytes. */
async function hashNow({ absolute }: KeptFile): Promise<string> {
  return (await hashFileIfAny(absolute).catch(() => UNREADABLE)) ?? NO_FILE;
}

function isSame(now: Buffer | null | undefined, then: FileContent): boolean {
  return then === null ? now === null : now?.equals(then.bytes) === true;
}

function hash(bytes: Buffer | null | undefined): string {
  if (bytes === undefined) return UNREADABLE;
  return bytes === null ? NO_FILE : createHash('sha256').update(bytes).digest('hex');
}
