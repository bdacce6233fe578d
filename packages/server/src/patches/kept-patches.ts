import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileProblem } from '@parleyhq/contract';
import { putFile, writeSynced } from '../files/put-file.js';
import { writeWhole } from '../files/write-whole.js';
import { followLinks, type PlannedFile, readFileIfAny } from '../workspace/planned-file.js';
import { isInside } from '../workspace/roots.js';

/** One file of a kept patch: where it is, how it was, and what the patch made of it. */
interface KeptFile {
  readonly path: string;
  readonly absolute: string;
  /** Permission bits from before; null: there was no file. */
  readonly mode: number | null;
  /** SHA-256 of the bytes after the patch, filled in once it has landed. */
  readonly after: string | null;
}

/** A file that a revert is about to change, by its number, and the permission bits that it has until then. */
interface Intent {
  readonly index: number;
  readonly mode: number | null;
}

/** Bytes of a file and its permission bits; null: there is no file. */
type FileContent = { readonly bytes: Buffer; readonly mode: number } | null;

/** Stands for bytes that nobody could read: a revert finds others, whatever it finds. */
const UNREADABLE = 'unreadable';

/** The bytes from before a patch, kept so that it can be reverted, also by a later process. */
export interface KeptPatches {
  /** Keeps the bytes of files that a patch is about to change. */
  keep(patchId: string, files: readonly PlannedFile[]): Promise<void>;
  /** Notes what the patch made of the files, so that a revert can tell whether they have changed since. */
  landed(patchId: string, paths: readonly string[]): Promise<void>;
  /**
   * Puts every file back as it was, or changes nothing and says which files stand in the way. `commit` makes the log say
   * so; where that fails, nothing has changed. The bytes are forgotten after it.
   */
  restore(patchId: string, commit: () => Promise<void>): Promise<readonly FileProblem[]>;
  /**
   * After a crash: a revert that is not in the log is taken back, and what belongs to no applied patch is forgotten.
   *
   * @returns the files that have changed since, and were left as they are
   */
  recover(applied: readonly string[]): Promise<readonly FileProblem[]>;
  /** Forgets everything that is kept. */
  clear(): Promise<void>;
}

/**
 * Keeps bytes in a folder of the server's own, one folder a patch: `files.json`, the bytes by number, and while it is
 * being reverted `reverting.json` and the bytes that the patch had made. Files are put back inside of `cwd` alone,
 * wherever links lead by then.
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

  /** The files that a revert has to change; those that are as they were before have been put back already. */
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

  /** Writes down what a revert is about to change, before the first file is touched. */
  async function intend(patchId: string, files: readonly KeptFile[], todo: readonly number[]): Promise<void> {
    const intents: Intent[] = [];
    for (const index of todo) {
      const { absolute } = at(files, index);
      const bytes = await readFileIfAny(absolute);
      const after = inPatch(patchId, `${index}.after`);
      await rm(after, { force: true });
      if (bytes !== null) await writeSynced(after, bytes, 0o600);
      intents.push({ index, mode: bytes === null ? null : (await lstat(absolute)).mode & 0o7777 });
    }
    await writeWhole(inPatch(patchId, 'reverting.json'), JSON.stringify(intents));
  }

  /** Takes back a revert that came to its end or did not; files that somebody else has changed since stay. */
  async function takeBack(patchId: string, files: readonly KeptFile[]): Promise<readonly FileProblem[]> {
    const problems: FileProblem[] = [];
    const intents = await readJson<readonly Intent[]>(inPatch(patchId, 'reverting.json')).catch(noneIfMissing);
    for (const { index, mode } of intents) {
      const file = at(files, index);
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
      // Behind a link by now there is nothing of ours.
      await putFile(left, '', null, 0).catch(() => undefined);
    }
  }

  const forget = (patchId: string) => rm(join(folder, patchId), { recursive: true, force: true });

  return {
    async keep(patchId, planned) {
      await forget(patchId);
      await mkdir(join(folder, patchId), { recursive: true, mode: 0o700 });
      const files: KeptFile[] = [];
      for (const [index, { path, absolute, before }] of planned.entries()) {
        const mode = before === null ? null : (await lstat(absolute)).mode & 0o7777;
        if (before !== null) await writeSynced(inPatch(patchId, index), before, 0o600);
        files.push({ path, absolute, mode, after: null });
      }
      await writeFiles(patchId, files);
    },

    async landed(patchId, paths) {
      const files = await readFiles(patchId);
      const noted = files.map(async (file) =>
        paths.includes(file.path) ? { ...file, after: hash(await readNow(file)) } : file,
      );
      await writeFiles(patchId, await Promise.all(noted));
    },

    async restore(patchId, commit) {
      const files = await readFiles(patchId);
      // One before may have broken off and not been taken back: the disk was full, say.
      await takeBack(patchId, files);
      const { todo, problems } = await compare(patchId, files);
      // Without this: reverts over what the user has changed since
      if (problems.length > 0) return problems;
      await intend(patchId, files, todo);
      try {
        for (const index of todo) {
          const file = at(files, index);
          await put(file, patchId, index, await readBefore(patchId, index, file));
        }
        await commit();
      } catch (error) {
        // Without this: leaves a revert half done where it fails
        await takeBack(patchId, files);
        throw error;
      }
      // It is reverted, whatever becomes of this; what stays is forgotten at the next start.
      await forget(patchId).catch(() => undefined);
      return [];
    },

    async recover(applied) {
      const problems: FileProblem[] = [];
      for (const patchId of await readdir(folder).catch(noneIfMissing)) {
        const files = await readFiles(patchId).catch(noneIfMissing);
        if (applied.includes(patchId)) problems.push(...(await takeBack(patchId, files)));
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
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}

function at(files: readonly KeptFile[], index: number): KeptFile {
  const file = files[index];
  if (file === undefined) throw new Error(`the patch has no file ${index}`);
  return file;
}

/** Undefined for what cannot be read. */
function readNow({ absolute }: KeptFile): Promise<Buffer | null | undefined> {
  return readFileIfAny(absolute).catch(() => undefined);
}

function isSame(now: Buffer | null | undefined, then: FileContent): boolean {
  return then === null ? now === null : now?.equals(then.bytes) === true;
}

function hash(bytes: Buffer | null | undefined): string {
  if (bytes === undefined) return UNREADABLE;
  return bytes === null ? 'none' : createHash('sha256').update(bytes).digest('hex');
}
